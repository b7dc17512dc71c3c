/** A digest of a string, in hex. A browser build has another function here, because SHA-256 needs a promise there. */
export { sha256 as digest } from "./builtins.js";
