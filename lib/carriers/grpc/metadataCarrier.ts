import type { TextMapGetter, TextMapSetter } from "@opentelemetry/api";
import type { Metadata } from "@grpc/grpc-js";

const TRACEPARENT = "traceparent";

/**
 * Reads carriers from gRPC metadata. A key may stand there several times: a list header is then one list, but
 * traceparent names one parent, and two of them name none (W3C Trace Context, 3.2.1). HTTP/2 in Node joins
 * equal headers with a comma, which no valid traceparent holds.
 */
export const metadataGetter: TextMapGetter<Metadata> = {
  keys: (metadata) => Object.keys(metadata.getMap()),
  get: (metadata, key) => {
    const values = metadata.get(key);
    const first = values[0];
    if (values.length > 1) return key === TRACEPARENT ? undefined : values.join(",");
    if (typeof first !== "string") return undefined;
    return key === TRACEPARENT && first.includes(",") ? undefined : first;
  },
};

/** Writes carriers to gRPC metadata, which throws on what is not printable ASCII: that value is left out. */
export const metadataSetter: TextMapSetter<Metadata> = {
  set: (metadata, key, value) => {
    try {
      metadata.set(key, value);
    } catch {
      // The call matters more than its carrier.
    }
  },
};
