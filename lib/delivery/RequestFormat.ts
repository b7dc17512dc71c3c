import type { DeliveryRecord } from "./DeliveryRecord.js";
import type { HttpReply } from "./HttpTransport.js";

/** How the request bodies of one pipe are built and split, and how replies are read. Any of these methods may throw. */
export interface RequestFormat {
  /** Builds one request body from records of one content type. Bodies that were read back from disk are bytes. */
  join(records: readonly DeliveryRecord[]): Uint8Array | string;
  /** Splits a record into smaller ones with ids of their own and the same total count; undefined when it cannot. */
  split?(record: DeliveryRecord): readonly DeliveryRecord[] | undefined;
  /**
   * Reads a reply whose body is already decoded. Undefined for one that the endpoint cannot have sent, such as the
   * page of a captive portal.
   */
  readReply?(reply: HttpReply, records?: readonly DeliveryRecord[]): ReplyReading | undefined;
}

/** What a reply says besides its status. */
export interface ReplyReading {
  /**
   * Whether the endpoint took the request: `taken` (the default), `refused` for good, `later` for not now, or
   * `unknown` when the reply does not say.
   */
  readonly verdict?: "taken" | "refused" | "later" | "unknown";
  /** When the request was taken, how many of its items were refused for good. */
  readonly rejected?: number;
  /** The reason under which drops are counted. Default: `rejected`, or `refused` for a whole request. */
  readonly reason?: string;
  /** Whether a part of a refused request may be accepted. Default: yes. */
  readonly divisible?: boolean;
  /** The endpoint's own words. */
  readonly message?: string;
}
