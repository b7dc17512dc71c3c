/* One file of the rest of a page's telemetry: the settings that decide neither whether nor where it sends. */
export { readConfiguration } from "../../config/readConfiguration.js";
