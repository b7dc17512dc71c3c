import type { Attributes } from "@opentelemetry/api";
import type { ReadableSpan, Sampler, SpanProcessor } from "@opentelemetry/sdk-trace-base";
import type { Tier } from "../resource/Tier.js";
import type { PrivacyOptions } from "../redaction/createRedactor.js";

/** The application whose tier this is; it goes into every event and the resource. */
export interface ApplicationOptions {
  /** `$app`. Default: `fiddee`. */
  readonly name?: string;
  /** `$app_version` and `service.version`. Default: `0.0.1`. */
  readonly version?: string;
  /** `$build_mode`. Default: `debug`. */
  readonly buildMode?: string;
}

/** The PostHog pipe. */
export interface PostHogOptions {
  /** Turns the pipe on; the variable is `Report`. Unset means off, and an explicit off wins over any on. */
  readonly enabled?: boolean;
  /** Project key (`phc_…`); the variables are `Authorize`, `POSTHOG_API_KEY`. Empty means the pipe is off. */
  readonly key?: string;
  /**
   * Base URL, http or https, with or without a path; the variables are `Beam`, `POSTHOG_HOST`.
   * Default: `https://eu.i.posthog.com`.
   */
  readonly host?: string;
  /** Who the events belong to; the variable is `Brand`. Default: `land-dev-<user>`. */
  readonly distinctId?: string;
  /** Also sends PostHog's `$exception`, with parsed frames and no source lines, for its Error Tracking. Default: false. */
  readonly errorTracking?: boolean;
  /** Longest wait before queued events are sent, in milliseconds; the variable is `Buffer`. Default: 3000. */
  readonly flushInterval?: number;
  /** Number of queued events that are sent without waiting; the variable is `Batch`. Default: 20. */
  readonly flushAt?: number;
}

/** The wire format of the OTLP pipe, as `OTEL_EXPORTER_OTLP_PROTOCOL` spells it. */
export type OtlpProtocol = "http/json" | "http/protobuf";

/** The OTLP pipe. */
export interface OtlpOptions {
  /** Turns the pipe on; the variables are `Emit`, `OTLPEnabled`. Unset means off, and an explicit off wins over any on. */
  readonly enabled?: boolean;
  /**
   * Base URL of the collector; `/v1/traces` is appended unless the path already ends so. The variables are
   * `Pipe`, `OTLPEndpoint`, `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` (used as it is), `OTEL_EXPORTER_OTLP_ENDPOINT`.
   * Default: `http://127.0.0.1:4318`.
   */
  readonly endpoint?: string;
  /** Headers of every request; added to those of `OTEL_EXPORTER_OTLP_HEADERS` and `…_TRACES_HEADERS`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: `http/json`; the variables are `OTEL_EXPORTER_OTLP_TRACES_PROTOCOL`, `OTEL_EXPORTER_OTLP_PROTOCOL`. */
  readonly protocol?: OtlpProtocol;
  /** Hard deadline of one request, in milliseconds; the variables are `OTEL_EXPORTER_OTLP_(TRACES_)TIMEOUT`. Default: 10000. */
  readonly timeoutMs?: number;
}

/** Where undelivered telemetry waits on disk. */
export interface SpoolOptions {
  /** Directory; the variable is `LAND_TELEMETRY_SPOOL`. Default: `land-telemetry` in the user's state directory. */
  readonly directory?: string;
  /** Bound of the directory in bytes, per pipe and destination. Default: 128 MiB. */
  readonly maxBytes?: number;
  /** Records older than this are dropped, in milliseconds. Default: 7 days. */
  readonly maxAgeMs?: number;
}

/** What is written to disk about this process, in case it dies. */
export interface RecorderOptions {
  /** How long a span is open before it is written to disk, in milliseconds. Default: 50. */
  readonly openAfterMs?: number;
  /**
   * Writes spans of the kinds SERVER and CONSUMER when they start, for handlers that block the event loop forever. Each
   * such span then costs a write. Default: false.
   */
  readonly handlersAtStart?: boolean;
}

/** How an error storm is kept from becoming an event storm. */
export interface ThrottleOptions {
  /** Events per second and event name; the variable is `Throttle`. Default: 5. */
  readonly perSecond?: number;
  /** Error events per ten seconds, all fingerprints together; the variable is `Cap`. Default: 7. */
  readonly errorCap?: number;
  /**
   * `land:<tier>:handler:complete` events per second, all features together, that are events of their own. The runs
   * beyond are gathered: one event for each feature and ten seconds, with `count`, `failures`, `cancelled`, `sum_ms`,
   * `p50_ms`, `p95_ms` and `max_ms`. Default: `perSecond`.
   */
  readonly completionsPerSecond?: number;
}

/** How an error came: by `captureError`, as a span with error status, or because nobody caught it. */
export type ErrorOrigin = "captureError" | "span" | "uncaughtException" | "unhandledRejection";

/**
 * Says of an error that it is none: its class, `code` or tag by name; a pattern that is searched in its tag and in
 * `<class>: <message>`; or a function, which returns true for that, another tag for the error, or anything else for
 * neither. A function that throws has said nothing. It gets the error as it was thrown, before redaction.
 */
export type IgnoreErrorRule =
  | string
  | RegExp
  | ((error: unknown, about: { readonly tag: string; readonly origin: ErrorOrigin }) => unknown);

/** The hooks by which nothing is lost when a process ends; each can be left out. */
export interface ProcessHookOptions {
  /** Writes what is pending to the spool in `process.on("exit")`. Default: true. */
  readonly exit?: boolean;
  /** Sends what is pending at a natural end, within `shutdownTimeoutMs`. Default: true. */
  readonly beforeExit?: boolean;
  /** Observes uncaught errors and rejections as one `land:<tier>:error`. Default: true. */
  readonly uncaught?: boolean;
  /**
   * Spools on SIGTERM, SIGINT and SIGHUP, or on those given, and lets the signal do what it did. Default: true, but
   * false on Windows, where a signal cannot be raised again with the same exit code.
   */
  readonly signals?: boolean | readonly `SIG${string}`[];
}

/** What is observed in a page. Each is on by default; false turns it off. */
export interface ObserveOptions {
  /** Errors and rejections that nobody caught, except cancellations, as `land:<tier>:error`. */
  readonly uncaught?: boolean;
  /** Scripts, images and the like that could not be loaded, as the event `land:<tier>:resource:error`. */
  readonly resources?: boolean;
  /** What the page's policy refused, apart from our own requests, as the event `land:<tier>:policy:violation`. */
  readonly violations?: boolean;
  /**
   * `performance.mark("land:…")`, as events of a span `land:<tier>:marks`, and measures of such names as spans: the first
   * three segments of the name, the rest as the attribute `land.mark.detail`.
   */
  readonly marks?: boolean;
  /** Tasks that block the page for more than 200 ms, as spans `land:<tier>:longtask`. */
  readonly longTasks?: boolean;
  /** How the page was loaded, as the span `land:<tier>:navigation`. */
  readonly navigation?: boolean;
  /** Interaction to Next Paint, as `land.inp_ms` of the span of `visibility`. */
  readonly interactions?: boolean;
  /** From when the page can be seen until it is hidden or ends, as spans `land:<tier>:visible`. */
  readonly visibility?: boolean;
}

/** The kinds of spans that are mirrored into PostHog events. */
export type MirrorKind = "error" | "session" | "handler";

/**
 * Which spans become events: kinds, or a function of the ended span that returns an event name, true for the
 * span's own name, or false. Default: `["error", "session"]`.
 */
export type MirrorSelection = readonly MirrorKind[] | ((span: ReadableSpan) => boolean | string);

/**
 * What `register` takes. Options beat the Land variables; those beat the OTEL_* and POSTHOG_* variables. Each of Land's
 * words has a prefixed name too, which wins: `LAND_TELEMETRY_CAPTURE` over `Capture`.
 */
export interface TelemetryOptions {
  /** The tier this process is. */
  readonly tier: Tier;
  /** The application that the tier belongs to. */
  readonly app?: ApplicationOptions;
  /** Master switch of both pipes; the variable is `Capture`. Unset means off, and an explicit off wins over any on. */
  readonly capture?: boolean;
  /** The PostHog pipe: events. */
  readonly posthog?: PostHogOptions;
  /** The OTLP pipe: spans. */
  readonly otlp?: OtlpOptions;
  /** Which spans are also PostHog events. */
  readonly mirror?: MirrorSelection;
  /**
   * Head sampler. Default: by `OTEL_TRACES_SAMPLER(_ARG)`, else parent-based, always on. Spans it leaves out
   * are recorded while the PostHog pipe is on, so that their failures are still mirrored; they are not exported.
   */
  readonly sampler?: Sampler;
  /** Further processors of the provider, called after ours. */
  readonly spanProcessors?: readonly SpanProcessor[];
  /** Further resource attributes; they beat `OTEL_RESOURCE_ATTRIBUTES` and the defaults, except `land.tier` and `session.id`. */
  readonly resourceAttributes?: Attributes;
  /** Baggage keys that are copied to the attributes of every span. Default: none. */
  readonly baggageAttributes?: readonly string[];
  /** Redaction of everything that is sent or written to disk; false turns it off. Default: on. */
  readonly privacy?: PrivacyOptions | false;
  /** false keeps everything in memory. */
  readonly spool?: SpoolOptions | false;
  /** The flight recorder; false turns it off. It needs the spool. Default: on. */
  readonly recorder?: RecorderOptions | boolean;
  /** How many events of one kind are sent. */
  readonly throttle?: ThrottleOptions;
  /**
   * Errors that make no event, for example the noise of extensions; they are counted as dropped by the reason `ignored`, and
   * the first rule that says something decides. Their spans keep their status. Default: none.
   */
  readonly ignoreErrors?: IgnoreErrorRule | readonly IgnoreErrorRule[];
  /**
   * In a page, which has no environment: variables that are read where the shell says nothing of them in
   * `globalThis.__LAND_TELEMETRY__`, for example `import.meta.env`. An off among them wins all the same.
   */
  readonly environment?: Readonly<Record<string, unknown>>;
  /**
   * In a page or its workers: takes a request body to another tier, which delivers it (`acceptRelayed`); nothing is
   * fetched then. It has taken the body when what it returns resolves, unless to `false`.
   */
  readonly relay?: (body: string) => unknown;
  /** In a page: what is observed; false for nothing. Default: all of it. */
  readonly observe?: boolean | ObserveOptions;
  /** Budget of a clean end, in milliseconds. Default: 250. */
  readonly shutdownTimeoutMs?: number;
  /** false leaves every hook of the process alone. Default: all on. */
  readonly processHooks?: boolean | ProcessHookOptions;
}
