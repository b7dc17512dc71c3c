/* One file of the rest of a page's telemetry: what a page reports about itself and what it sends for its workers. */
export { PageActivity } from "../PageActivity.js";
export { serveWorkers } from "../serveWorkers.js";
