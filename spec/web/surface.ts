/** Types only, checked by `npm run types`: a page's entry point has the same names and types as Node's. */
type Full = typeof import("../../lib/index.js");
type Page = typeof import("../../lib/web/index.js");

/** Compiles only if each is assignable to the other. */
export const SAME: [
  Page extends Full ? true : "a page has less",
  Full extends Page ? true : "Node has less",
] = [true, true];
