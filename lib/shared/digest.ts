/** A digest of a text, in hex; where a browser runs this package, another function that needs no promise stands here. */
export { sha256 as digest } from "./builtins.js";
