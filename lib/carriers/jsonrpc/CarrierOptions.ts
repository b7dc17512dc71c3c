import { diagnoseSetting } from "../../shared/diagnostics.js";
import { readMember } from "../../shared/readMember.js";

/** Where the messages of a connection carry their context. */
export interface CarrierOptions {
  /**
   * Whether messages carry `traceparent`, `tracestate` and `baggage`. When off, each side has its own traces.
   * Default: true.
   */
  readonly inject?: boolean;
  /**
   * Where they carry it:
   * - `message`: as members beside the standard ones; responses to counted failures also carry `land-counted`.
   * - `params._meta`: inside the parameters, as the Model Context Protocol (SEP-414) and the Agent Client Protocol
   *   do, for peers that refuse members they do not know. A context that is already there stays, and array parameters
   *   are left alone.
   *
   * Default: `message`.
   */
  readonly carrier?: "message" | "params._meta";
}

/** Where a connection's messages carry their context. */
export type MessageCarrier = NonNullable<CarrierOptions["carrier"]> | "none";

/** Reads the carrier from the options, which come from a caller and may be anything. */
export function carrierOf(options: unknown, caller: string): MessageCarrier {
  if (readMember(options, "inject") === false) return "none";
  const carrier = readMember(options, "carrier") ?? "message";
  if (carrier === "message" || carrier === "params._meta") return carrier;
  diagnoseSetting(
    `${caller} carrier`,
    carrier,
    '"message" or "params._meta"',
    '"message" is used.',
  );
  return "message";
}
