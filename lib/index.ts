export { register } from "./register.js";
export { Tier } from "./resource/Tier.js";

export { emitSpan } from "./tracing/emitSpan.js";
export { traceHandler } from "./handlers/traceHandler.js";
export { withSpan } from "./tracing/withSpan.js";

export { captureError, captureEvent, captureSession } from "./api/capture.js";
export { currentTrace } from "./api/currentTrace.js";
export { flush, isAllowed, markLaunched, shutdown, stats, watchChild } from "./api/lifecycle.js";

export { extract, inject } from "./carriers/headers.js";
export {
  adoptPayloadMark,
  extractPayload,
  injectPayload,
  markPayload,
  stripPayload,
} from "./carriers/payloads.js";
export { formatTraceparent, parseTraceparent } from "./propagation/traceparent.js";
export { trusted } from "./redaction/trusted.js";

export type { EventArguments, LandEvents } from "./posthog/LandEvents.js";
export type { EmitSpanOptions } from "./tracing/emitSpan.js";
export type { HandlerOptions } from "./handlers/Operation.js";
export type { EndedBy, LastRun } from "./shared/LastRun.js";
export type {
  EventProperties,
  Telemetry,
  TelemetryStatus,
  WatchableChild,
  WatchChildOptions,
} from "./shared/Runtime.js";
export type { Pipe, PipeStats, Stats } from "./shared/Stats.js";
export type {
  ApplicationOptions,
  ErrorOrigin,
  IgnoreErrorRule,
  MirrorKind,
  MirrorSelection,
  OtlpOptions,
  OtlpProtocol,
  PostHogOptions,
  ProcessHookOptions,
  RecorderOptions,
  SpoolOptions,
  TelemetryOptions,
  ThrottleOptions,
} from "./config/TelemetryOptions.js";
export type { PrivacyOptions, PrivacyPattern } from "./redaction/createRedactor.js";
