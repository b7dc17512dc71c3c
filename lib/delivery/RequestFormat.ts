import type { DeliveryRecord } from "./DeliveryRecord.js";
import type { HttpReply } from "./HttpTransport.js";

/** How the request bodies of one pipe are put together, cut and answered. Any of it may throw. */
export interface RequestFormat {
  /** Makes one request body of records of one content type. Bodies that were read back from disk are bytes. */
  join(records: readonly DeliveryRecord[]): Uint8Array | string;
  /** Cuts a record into smaller ones with ids of their own and the same count in sum; undefined when it cannot. */
  split?(record: DeliveryRecord): readonly DeliveryRecord[] | undefined;
  /**
   * Reads a reply, whose body is decoded. Undefined for one that the endpoint cannot have made, such as the page of a
   * captive portal.
   */
  readReply?(reply: HttpReply, records?: readonly DeliveryRecord[]): ReplyReading | undefined;
}

/** What a reply says beside its status. */
export interface ReplyReading {
  /**
   * Whether the endpoint took the request: yes, which is the default; no, and for good; not now; or in words that say
   * neither.
   */
  readonly verdict?: "taken" | "refused" | "later" | "unknown";
  /** How many of the items in a request that was taken were refused for good. */
  readonly rejected?: number;
  /** Why, as the counts have it. Default: `rejected`, or `refused` for a whole request. */
  readonly reason?: string;
  /** Whether a part of a refused request may fare better. Default: yes. */
  readonly divisible?: boolean;
  /** The endpoint's own words. */
  readonly message?: string;
}
