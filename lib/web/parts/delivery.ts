/* One file of the rest of a page's telemetry: storage and sending. */
export { DeliveryQueue } from "../../delivery/DeliveryQueue.js";
