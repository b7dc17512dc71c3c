/** Types only, checked by `npm run types`: the entry of a page has the names and the types of the one for Node. */
type Full = typeof import("../../lib/index.js");
type Page = typeof import("../../lib/web/index.js");

/** Does not compile unless each goes into the other. */
export const SAME: [
  Page extends Full ? true : "a page has less",
  Full extends Page ? true : "Node has less",
] = [true, true];
