export { register } from "./register.js";
export { Tier } from "./resource/Tier.js";

export { emitSpan } from "./tracing/emitSpan.js";
export { traceHandler } from "./handlers/traceHandler.js";
export { withSpan } from "./tracing/withSpan.js";

export { captureError, captureEvent, captureSession } from "./api/capture.js";
export { flush, isAllowed, shutdown, stats } from "./api/lifecycle.js";

export { adoptPayloadMark, markPayload } from "./carriers/payloadMark.js";
export { extract } from "./carriers/extract.js";
export { extractPayload } from "./carriers/extractPayload.js";
export { inject } from "./carriers/inject.js";
export { injectPayload } from "./carriers/injectPayload.js";
export { stripPayload } from "./carriers/stripPayload.js";
export { formatTraceparent } from "./propagation/formatTraceparent.js";
export { parseTraceparent } from "./propagation/parseTraceparent.js";
export { trusted } from "./redaction/trusted.js";

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
