import type { Attributes } from "@opentelemetry/api";
import type { ReadableSpan, Sampler, SpanProcessor } from "@opentelemetry/sdk-trace-base";
import type { Tier } from "../resource/Tier.js";
import type { PrivacyOptions } from "../redaction/createRedactor.js";

/** The application that this tier belongs to; sent in every event and in the resource. */
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
  /** Turns the pipe on; the variable is `Report`. Unset means off; an explicit off wins over any on. */
  readonly enabled?: boolean;
  /** Project key (`phc_…`); the variables are `Authorize`, `POSTHOG_API_KEY`. An empty key turns the pipe off. */
  readonly key?: string;
  /**
   * Base URL, http or https, with or without a path; the variables are `Beam`, `POSTHOG_HOST`.
   * Default: `https://eu.i.posthog.com`.
   */
  readonly host?: string;
  /** The distinct id of all events; the variable is `Brand`. Default: `land-dev-<user>`. */
  readonly distinctId?: string;
  /** Also sends PostHog's `$exception` for Error Tracking, with parsed frames but no source lines. Default: false. */
  readonly errorTracking?: boolean;
  /** Longest wait before queued events are sent, in milliseconds; the variable is `Buffer`. Default: 3000. */
  readonly flushInterval?: number;
  /** Number of queued events at which they are sent without further waiting; the variable is `Batch`. Default: 20. */
  readonly flushAt?: number;
}

/** The wire format of the OTLP pipe, as `OTEL_EXPORTER_OTLP_PROTOCOL` spells it. */
export type OtlpProtocol = "http/json" | "http/protobuf";

/** The OTLP pipe. */
export interface OtlpOptions {
  /** Turns the pipe on; the variables are `Emit`, `OTLPEnabled`. Unset means off; an explicit off wins over any on. */
  readonly enabled?: boolean;
  /**
   * Base URL of the collector; `/v1/traces` is appended unless the path already ends with it. The variables are
   * `Pipe`, `OTLPEndpoint`, `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` (used as it is), `OTEL_EXPORTER_OTLP_ENDPOINT`.
   * Default: `http://127.0.0.1:4318`.
   */
  readonly endpoint?: string;
  /** Headers of every request, in addition to those from `OTEL_EXPORTER_OTLP_HEADERS` and `…_TRACES_HEADERS`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: `http/json`; the variables are `OTEL_EXPORTER_OTLP_TRACES_PROTOCOL`, `OTEL_EXPORTER_OTLP_PROTOCOL`. */
  readonly protocol?: OtlpProtocol;
  /** Hard deadline per request, in ms; the variables are `OTEL_EXPORTER_OTLP_(TRACES_)TIMEOUT`. Default: 10000. */
  readonly timeoutMs?: number;
}

/** Where undelivered telemetry waits on disk. */
export interface SpoolOptions {
  /** Directory; the variable is `LAND_TELEMETRY_SPOOL`. Default: `land-telemetry` in the user's state directory. */
  readonly directory?: string;
  /** Maximum size in bytes, for each pipe and destination. Default: 128 MiB. */
  readonly maxBytes?: number;
  /** Maximum age of a record, in milliseconds; older ones are dropped. Default: 7 days. */
  readonly maxAgeMs?: number;
}

/** What is written to disk about this process in case it dies. */
export interface RecorderOptions {
  /** How long a span must be open before it is written to disk, in milliseconds. Default: 50. */
  readonly openAfterMs?: number;
  /**
   * Writes SERVER and CONSUMER spans to disk as soon as they start, to catch handlers that block the event loop
   * forever. Each such span then costs a write. Default: false.
   */
  readonly handlersAtStart?: boolean;
}

/** Limits that keep a storm of errors from becoming a storm of events. */
export interface ThrottleOptions {
  /** Events per second for each event name, and for errors each fingerprint; the variable is `Throttle`. Default: 5. */
  readonly perSecond?: number;
  /** Error events per ten seconds, across all fingerprints; the variable is `Cap`. Default: 7. */
  readonly errorCap?: number;
  /**
   * How many `land:<tier>:handler:complete` events are sent individually per second, across all features. Further runs
   * are combined into one event per feature every ten seconds, with `count`, `failures`, `cancelled`, `sum_ms`,
   * `p50_ms`, `p95_ms` and `max_ms`. Default: `perSecond`.
   */
  readonly completionsPerSecond?: number;
}

/** How an error was reported: by `captureError`, as a span with error status, or because nobody caught it. */
export type ErrorOrigin = "captureError" | "span" | "uncaughtException" | "unhandledRejection";

/**
 * Decides whether an error is ignored. A string is compared with its class, `code` and tag; a RegExp is searched for in
 * its tag and in `<class>: <message>`. A function gets the error as thrown, before redaction; it returns true to ignore
 * it, a string to use as its tag, or anything else to leave it to the next rule, as it does when it throws.
 */
export type IgnoreErrorRule =
  | string
  | RegExp
  | ((error: unknown, about: { readonly tag: string; readonly origin: ErrorOrigin }) => unknown);

/** The process hooks that keep telemetry from being lost when a process ends; each can be turned off. */
export interface ProcessHookOptions {
  /** Writes pending telemetry to the spool in `process.on("exit")`. Default: true. */
  readonly exit?: boolean;
  /** Sends pending telemetry when the process ends naturally, within `shutdownTimeoutMs`. Default: true. */
  readonly beforeExit?: boolean;
  /** Reports each uncaught error or rejection as one `land:<tier>:error`. Default: true. */
  readonly uncaught?: boolean;
  /**
   * Writes pending telemetry to the spool on SIGTERM, SIGINT and SIGHUP, or on the signals given; each still has its
   * usual effect. Default: true, but false on Windows, where a signal cannot be raised again with the same exit code.
   */
  readonly signals?: boolean | readonly `SIG${string}`[];
}

/** What is observed in a page. Each is on by default; false turns it off. */
export interface ObserveOptions {
  /** Uncaught errors and rejections, except cancellations, as `land:<tier>:error`. */
  readonly uncaught?: boolean;
  /** Scripts, images and other resources that failed to load, as the event `land:<tier>:resource:error`. */
  readonly resources?: boolean;
  /** Violations of the page's policy, except by our own requests, as the event `land:<tier>:policy:violation`. */
  readonly violations?: boolean;
  /**
   * Marks from `performance.mark("land:…")`, as events of a span `land:<tier>:marks`, and measures with such names as
   * spans. Each is named by the first three segments of the name; the rest is the attribute `land.mark.detail`.
   */
  readonly marks?: boolean;
  /** Tasks that block the page for more than 200 ms, as `land:<tier>:longtask` spans. */
  readonly longTasks?: boolean;
  /** How the page was loaded, as one `land:<tier>:navigation` span. */
  readonly navigation?: boolean;
  /** Interaction to Next Paint, as the attribute `land.inp_ms` of the `land:<tier>:visible` span. */
  readonly interactions?: boolean;
  /** Each period from when the page becomes visible until it is hidden or ends, as a `land:<tier>:visible` span. */
  readonly visibility?: boolean;
}

/** The kinds of span that can be mirrored into PostHog events. */
export type MirrorKind = "error" | "session" | "handler";

/**
 * Which spans become events: kinds, or a function of the ended span that returns an event name, true for the
 * span's own name, or false. Default: `["error", "session"]`.
 */
export type MirrorSelection = readonly MirrorKind[] | ((span: ReadableSpan) => boolean | string);

/**
 * The options of `register`. Options beat the Land variables, and those beat the OTEL_* and POSTHOG_* variables. Each
 * Land word also has a prefixed name, which wins over it: `LAND_TELEMETRY_CAPTURE` over `Capture`.
 */
export interface TelemetryOptions {
  /** The tier of this process. */
  readonly tier: Tier;
  /** The application that the tier belongs to. */
  readonly app?: ApplicationOptions;
  /** Master switch for both pipes; the variable is `Capture`. Unset means off; an explicit off wins over any on. */
  readonly capture?: boolean;
  /** The PostHog pipe: events. */
  readonly posthog?: PostHogOptions;
  /** The OTLP pipe: spans. */
  readonly otlp?: OtlpOptions;
  /** Which spans also become PostHog events. */
  readonly mirror?: MirrorSelection;
  /**
   * Head sampler. Default: that of `OTEL_TRACES_SAMPLER(_ARG)`, else parent-based, always on. While the PostHog pipe is
   * on, spans that it drops are still recorded, so that their failures are mirrored; they are not exported.
   */
  readonly sampler?: Sampler;
  /** Additional span processors for the provider, called after ours. */
  readonly spanProcessors?: readonly SpanProcessor[];
  /** More resource attributes; they beat `OTEL_RESOURCE_ATTRIBUTES` and defaults except `land.tier`, `session.id`. */
  readonly resourceAttributes?: Attributes;
  /** Baggage keys whose values are copied into the attributes of every span. Default: none. */
  readonly baggageAttributes?: readonly string[];
  /** Redaction of everything that is sent or written to disk; false turns it off. Default: on. */
  readonly privacy?: PrivacyOptions | false;
  /** The spool, where undelivered telemetry waits on disk; false keeps everything in memory. Default: on. */
  readonly spool?: SpoolOptions | false;
  /** The flight recorder; false turns it off. It needs the spool. Default: on. */
  readonly recorder?: RecorderOptions | boolean;
  /** How many events of one kind are sent. */
  readonly throttle?: ThrottleOptions;
  /**
   * Errors that make no event, for example noise from extensions; they are counted as dropped, reason `ignored`. The
   * first rule that matches decides. The spans of ignored errors keep their status. Default: none.
   */
  readonly ignoreErrors?: IgnoreErrorRule | readonly IgnoreErrorRule[];
  /**
   * In a page, which has no environment: variables, for example `import.meta.env`. Those that the shell sets in
   * `globalThis.__LAND_TELEMETRY__` win over them, but an off in either wins over any on.
   */
  readonly environment?: Readonly<Record<string, unknown>>;
  /**
   * In a page or its workers: hands a request body to another tier, which delivers it (`acceptRelayed`). The body is
   * taken once the result resolves to anything but `false`. `fetch` is used only if the first three bodies all fail.
   */
  readonly relay?: (body: string) => unknown;
  /** In a page: what is observed; false observes nothing. Default: everything. */
  readonly observe?: boolean | ObserveOptions;
  /** Time budget for a clean shutdown, in milliseconds. Default: 250. */
  readonly shutdownTimeoutMs?: number;
  /** The hooks at the end of the process; false installs none. Default: all on. */
  readonly processHooks?: boolean | ProcessHookOptions;
}
