export { register } from "./register.js";
export { Tier } from "./identity/Tier.js";

export { emitSpan } from "./tracing/emitSpan.js";
export { traceHandler } from "./boundary/traceHandler.js";
export { withSpan } from "./tracing/withSpan.js";

export { captureError } from "./captureError.js";
export { captureEvent } from "./captureEvent.js";
export { captureSession } from "./captureSession.js";

export { adoptPayloadMark, markPayload } from "./boundary/payloadMark.js";
export { extract } from "./boundary/extract.js";
export { extractPayload } from "./boundary/extractPayload.js";
export { inject } from "./boundary/inject.js";
export { injectPayload } from "./boundary/injectPayload.js";
export { stripPayload } from "./boundary/stripPayload.js";
export { formatTraceparent } from "./propagation/formatTraceparent.js";
export { parseTraceparent } from "./propagation/parseTraceparent.js";
export { trusted } from "./privacy/trusted.js";

export { flush } from "./flush.js";
export { isAllowed } from "./isAllowed.js";
export { shutdown } from "./shutdown.js";
export { stats } from "./stats.js";

export type { EmitSpanOptions } from "./tracing/emitSpan.js";
export type { HandlerOptions } from "./boundary/handler/HandlerOptions.js";
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
} from "./configuration/TelemetryOptions.js";
export type { PrivacyOptions, PrivacyPattern } from "./privacy/PrivacyOptions.js";
