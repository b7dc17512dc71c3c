export { register } from "./register.js";
export { Tier } from "./resource/Tier.js";

export { emitSpan } from "./tracing/emitSpan.js";
export { traceHandler } from "./handlers/traceHandler.js";
export { withSpan } from "./tracing/withSpan.js";

export { captureError } from "./api/captureError.js";
export { captureEvent } from "./api/captureEvent.js";
export { captureSession } from "./api/captureSession.js";

export { adoptPayloadMark, markPayload } from "./carriers/payloadMark.js";
export { extract } from "./carriers/extract.js";
export { extractPayload } from "./carriers/extractPayload.js";
export { inject } from "./carriers/inject.js";
export { injectPayload } from "./carriers/injectPayload.js";
export { stripPayload } from "./carriers/stripPayload.js";
export { formatTraceparent, parseTraceparent } from "./propagation/traceparent.js";
export { trusted } from "./redaction/trusted.js";

export { flush } from "./api/flush.js";
export { isAllowed } from "./api/isAllowed.js";
export { shutdown } from "./api/shutdown.js";
export { stats } from "./api/stats.js";

export type { EmitSpanOptions } from "./tracing/emitSpan.js";
export type { HandlerOptions } from "./handlers/HandlerOptions.js";
export type { Telemetry, TelemetryStatus } from "./shared/Telemetry.js";
export type { EventProperties } from "./shared/Runtime.js";
export type { Pipe, PipeStats, Stats } from "./shared/Stats.js";
export type {
  ApplicationOptions,
  MirrorKind,
  MirrorSelection,
  OtlpOptions,
  OtlpProtocol,
  PostHogOptions,
  ProcessHookOptions,
  SpoolOptions,
  TelemetryOptions,
  ThrottleOptions,
} from "./config/TelemetryOptions.js";
export type { PrivacyOptions, PrivacyPattern } from "./redaction/PrivacyOptions.js";
