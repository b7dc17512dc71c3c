/* A file of the rest of a page's telemetry: what keeps and sends. */
export { DeliveryQueue } from "../../delivery/DeliveryQueue.js";
