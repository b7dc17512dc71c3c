import type { Case } from "../Case";
import { farEnds } from "./farEnds";

/** In the order of the table. */
export const CASES: readonly Case[] = [farEnds];
