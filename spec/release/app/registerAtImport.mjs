// An application that registers through one of its imports, which are hoisted.
import "land-telemetry/register";
import { work } from "./work.mjs";

work({});
