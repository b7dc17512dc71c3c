export { register } from "./register.js";
export { Tier } from "../resource/Tier.js";

export { emitSpan } from "../tracing/emitSpan.js";
export { traceHandler } from "../handlers/traceHandler.js";
export { withSpan } from "../tracing/withSpan.js";

export { captureError, captureEvent, captureSession } from "../api/capture.js";
export { currentTrace } from "../api/currentTrace.js";
export { flush, isAllowed, markLaunched, shutdown, stats, watchChild } from "../api/lifecycle.js";

export { extract, inject } from "../carriers/headers.js";
export {
  adoptPayloadMark,
  extractPayload,
  injectPayload,
  markPayload,
  stripPayload,
} from "../carriers/payloads.js";
export { formatTraceparent, parseTraceparent } from "../propagation/traceparent.js";
export { trusted } from "../redaction/trusted.js";

// eslint-disable-next-line no-restricted-syntax -- all types of the entry for Node
export type * from "../index.js";
