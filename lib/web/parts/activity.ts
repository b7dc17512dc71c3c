/* A file of the rest of a page's telemetry: what a page tells of itself, and what it sends for its workers. */
export { PageActivity } from "../PageActivity.js";
export { serveWorkers } from "../serveWorkers.js";
