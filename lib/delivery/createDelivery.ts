import type { DeliveryContext } from "./Delivery.js";
import { Delivery } from "./Delivery.js";

/** The sending side of a courier; with the first post, since a process starts without one. */
export function createDelivery(context: DeliveryContext): Delivery {
  return new Delivery(context);
}
