import { Bit, has } from "./characters.js";
import { mayEscape } from "./escapes.js";

export const ASCII = 128;
export const WORD = 1;
export const TRIGGER = 2;
/** `Bit.Word` and `Bit.Trigger` in a table of their own: whoever looks for the next candidate reads it once for each character. */
export const KINDS = Uint8Array.from({ length: ASCII }, (_, code) =>
  has(code, Bit.Word) ? WORD : has(code, Bit.Trigger) || mayEscape(code) ? TRIGGER : 0,
);
