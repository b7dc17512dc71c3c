import type { Pipe } from "../shared/Stats.js";
import type { BreakerOptions } from "./Breaker.js";
import type { ReadResponse } from "./classify.js";
import type { Ledger } from "./Ledger.js";
import type { Parcel } from "./Parcel.js";
import type { SpoolOptions } from "./disk/SpoolOptions.js";

/** What a courier needs to know of its pipe. */
export interface CourierOptions {
  readonly pipe: Pipe;
  /** Where to post. */
  readonly url: string;
  /** Sent with every post, beside the content type. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly ledger: Ledger;
  readonly breaker?: BreakerOptions;
  /** Default: in memory only. */
  readonly spool?: SpoolOptions;
  /** Makes one request body of parcels. Those from the spool have their bodies as bytes, whatever they were. */
  assemble(parcels: readonly Parcel[]): Uint8Array | string;
  /** Of the request. Default `application/json`. */
  readonly contentType?: string;
  /** Default 1. */
  readonly maxParcelsPerPost?: number;
  /** Default 1 MiB; a parcel above it goes alone. */
  readonly maxBytesPerPost?: number;
  /** Reads partial success out of a 2xx reply. */
  readonly readResponse?: ReadResponse;
  /** Cuts a parcel that was answered 413; undefined when it cannot. The parts have ids of their own and its count in sum. */
  split?(parcel: Parcel): readonly Parcel[] | undefined;
  /** The whole of one post, in ms. Default 10,000. */
  readonly timeoutMs?: number;
  /** Bodies above this are gzipped. Default: none. */
  readonly gzipAboveBytes?: number;
  /** Told of the size of every request body, before compression. */
  onSent?(bytes: number): void;
  /** How long after the start, or after a burst went to the spool, it is looked through and sent, in ms. Default 1,000. */
  readonly replayDelayMs?: number;
  /** How often it is looked for what processes have left that died since the start, in ms. Default 10 minutes. */
  readonly adoptEveryMs?: number;
}
