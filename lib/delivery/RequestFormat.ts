import type { DeliveryRecord } from "./DeliveryRecord.js";
import type { HttpReply } from "./HttpTransport.js";

/** How the request bodies of one pipe are put together, cut and answered. Any of it may throw. */
export interface RequestFormat {
  /** Makes one request body of records of one content type. Bodies that were read back from disk are bytes. */
  join(records: readonly DeliveryRecord[]): Uint8Array | string;
  /** Cuts a record into smaller ones with ids of their own and the same count in sum; undefined when it cannot. */
  split?(record: DeliveryRecord): readonly DeliveryRecord[] | undefined;
  /** Reads a plausible 2xx reply. */
  readReply?(reply: HttpReply): ReplyReading;
}

/** What a 2xx reply says beside its status. */
export interface ReplyReading {
  /** How many of the items in the request were refused for good. */
  readonly rejected?: number;
  /** The endpoint's own words. */
  readonly message?: string;
}
