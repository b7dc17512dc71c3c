import type * as crypto from "node:crypto";
import { computeSha256 } from "./computeSha256.js";

/**
 * So many are computed here, as many as a process needs for its start. One that goes on needs more of them, has
 * loaded node:crypto to send something, and gets each from there in a tenth of the time.
 */
const FEW = 8;

let calls = 0;
let builtin: typeof crypto.hash | undefined;

/** SHA-256 (FIPS 180-4) of a text in UTF-8, in hex. */
export function sha256(text: string): string {
  if (builtin !== undefined) return builtin("sha256", text);
  if (++calls > FEW) builtin = process.getBuiltinModule("node:crypto").hash;
  return computeSha256(text);
}
