import type { SpanContext } from "@opentelemetry/api";
import type { Configuration } from "../config/Configuration.js";
import type { ErrorOrigin } from "../config/TelemetryOptions.js";
import { wellFormed } from "../redaction/tables/characters.js";
import type { Redactor } from "../redaction/Redactor.js";
import { REDACTED } from "../redaction/ValueCopier.js";
import { PACKAGE_NAME, PACKAGE_VERSION } from "../resource/packageVersion.js";
import { digest } from "../shared/digest.js";
import { globalState } from "../shared/globalState.js";
import type { HandlerRun } from "./HandlerCompletions.js";

/** A PostHog event before it is sent: complete, but not yet redacted. */
export interface PostHogEvent {
  readonly event: string;
  readonly distinctId: string;
  readonly properties: Readonly<Record<string, unknown>>;
  /** Further properties, already redacted. */
  readonly redacted?: Readonly<Record<string, unknown>>;
  /** The time of the span's end or of the call, in ISO 8601. */
  readonly timestamp: string;
  /** The server merges events with the same one. */
  readonly uuid: string;
  /** Set for error and session events: they are on disk before the call returns, and are the last to be dropped. */
  readonly urgent: boolean;
}

/** An event in the form of PostHog's batch endpoint. */
export interface WireEvent {
  readonly event: string;
  readonly distinct_id: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly timestamp: string;
  readonly uuid: string;
}

/** Where events go. */
export interface EventSink {
  /** Whether an event of this name may be sent now. If the throttle holds it back, it is counted as `throttled`. */
  admit(event: string, fingerprint: string | undefined): boolean;
  /** Whether to send a handler's run as its own event; otherwise the sink gathers it with others of its feature. */
  admitRun(run: HandlerRun): boolean;
  /** The tag to report an error under; undefined if it is ignored, in which case it is counted as `ignored`. */
  tagOf(error: unknown, tag: string, origin: ErrorOrigin): string | undefined;
  /** Takes an event that was admitted. Never throws. */
  send(event: PostHogEvent): void;
  /** Sends all pending events now. */
  release(): Promise<void>;
}

/** What is needed to build an event. */
export interface EventContext {
  readonly configuration: Configuration;
  readonly redactor: Redactor;
  readonly pipe: EventSink;
  /** The session of the events, unless the resource of their span names another. */
  readonly sessionId: string;
}

/** The application and the session that an event belongs to. */
export interface EventOrigin {
  readonly configuration: Pick<Configuration, "app">;
  readonly sessionId: string;
}

/** Properties that are identifiers, such as span ids; they are not redacted. */
const KEPT: ReadonlySet<string> = new Set([
  "$trace_id",
  "$span_id",
  "$parent_span_id",
  "$session_id",
  "$trace_source",
  "$lib",
  "$lib_version",
  "$tier",
  "$component",
  "$node_version",
]);

/** The dashboards were built on what the Rust tiers send, so events use Rust's names for `os` and `arch`. */
const RUST_OS: Readonly<Record<string, string>> = {
  darwin: "macos",
  win32: "windows",
  sunos: "solaris",
};
const RUST_ARCH: Readonly<Record<string, string>> = {
  x64: "x86_64",
  arm64: "aarch64",
  ia32: "x86",
  ppc64: "powerpc64",
  riscv64: "riscv64",
  loong64: "loongarch64",
};

/**
 * The properties that every event carries, the caller's own, and those that the caller cannot override: the tier, and
 * the event's span, which outside any span is that of the session start.
 */
export function eventProperties(
  { configuration: { app }, sessionId }: EventOrigin,
  tier: string,
  span: SpanContext | undefined,
  own: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const { traceId, spanId } = span ?? globalState().runtime?.sessionTrace ?? {};
  return {
    $app: app.name,
    $app_version: app.version,
    $build_mode: app.buildMode,
    $node_version: process.version,
    $lib: PACKAGE_NAME,
    $lib_version: PACKAGE_VERSION,
    // An event is about a process on a developer's machine, not about a person or a place.
    $process_person_profile: false,
    $geoip_disable: true,
    $session_id: sessionId,
    ...own,
    $component: tier,
    $tier: tier,
    // Undefined members are left out of the JSON, and keep a caller from naming a span that does not exist.
    $trace_id: traceId,
    $span_id: spanId,
    $trace_source: span === undefined && traceId !== undefined ? "session" : undefined,
  };
}

/** The properties of a session start that describe its process. The dashboards expect strings from every tier. */
export function processProperties(pid: unknown): Record<string, string> {
  const { platform, arch } = process;
  return {
    pid: String(pid),
    os: RUST_OS[platform] ?? platform,
    arch: RUST_ARCH[arch] ?? arch,
  };
}

/**
 * The identity of a mirrored event: a version 8 UUID (RFC 9562) of the SHA-256 of trace id, span id and event
 * name. Two processes that mirror or replay the same span send the same event, and the server keeps one.
 */
export function eventUuid({ traceId, spanId }: Ids, event: string): string {
  const hex = digest(`${traceId}-${spanId}-${event}`);
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

type Ids = Pick<SpanContext, "traceId" | "spanId">;

/**
 * The JSON of a redacted {@link WireEvent}; undefined if it cannot be serialised. The distinct id, the event's name and
 * the property keys are never redacted.
 */
export function serializeEvent(event: PostHogEvent, redactor: Redactor): string | undefined {
  try {
    const properties = Object.entries(event.properties).map(([key, value]) => [
      wellFormed(key),
      typeof value === "string" && KEPT.has(key) ? wellFormed(value) : redactor.value(value, key),
    ]);
    for (const [key, value] of Object.entries(event.redacted ?? {}))
      properties.push([key, redactor.isDenied(key) ? REDACTED : value]);
    const wire: WireEvent = {
      event: nameOf(event.event),
      distinct_id: nameOf(event.distinctId),
      properties: Object.fromEntries(properties) as Record<string, unknown>,
      timestamp: event.timestamp,
      uuid: event.uuid,
    };
    return JSON.stringify(wire);
  } catch {
    return undefined;
  }
}

/** A string that PostHog accepts as a name; without one it refuses the whole request. Throws for anything else. */
function nameOf(value: unknown): string {
  if (typeof value !== "string" || value === "") throw new TypeError("no name");
  return wellFormed(value);
}
