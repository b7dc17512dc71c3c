import type { Attributes } from "@opentelemetry/api";
import type { Sampler, SpanLimits, SpanProcessor } from "@opentelemetry/sdk-trace-base";
import type { Tier } from "../resource/Tier.js";
import type { PrivacyOptions } from "../redaction/createRedactor.js";
import type { Pipe } from "../shared/Stats.js";
import type { Certificates } from "./readCertificates.js";
import type { PropagatorName } from "./readStandard.js";
import type {
  IgnoreErrorRule,
  MirrorSelection,
  OtlpProtocol,
  ProcessHookOptions,
} from "./TelemetryOptions.js";

/** Where each setting came from: the name of the option or variable, or `default`. */
export type SettingSources = Readonly<Record<string, string>>;

/** Whether a pipe is on, and why not if it is off. */
export interface Gate {
  readonly on: boolean;
  /** It was turned off explicitly, not merely left unset; what the pipe has spooled is then deleted. */
  readonly optedOut: boolean;
  readonly reason: string;
  /** The reason without the pipe's name, so that a cause shared by both pipes is stated once; "" while it is on. */
  readonly cause: string;
  /** The option or variable that turned it off or, if none did, the one that is missing; "" while it is on. */
  readonly by: string;
}

/** The settings of the official BatchSpanProcessor. */
export interface BatchSettings {
  readonly maxQueueSize: number;
  readonly maxExportBatchSize: number;
  readonly scheduledDelayMillis: number;
  readonly exportTimeoutMillis: number;
}

/** When the flight recorder writes a span to disk. */
export interface RecorderSettings {
  readonly openAfterMs: number;
  readonly handlersAtStart: boolean;
}

/** Everything `register` needs to know, read once and frozen. */
export interface Configuration {
  readonly tier: Tier;
  readonly app: { readonly name: string; readonly version: string; readonly buildMode: string };
  readonly gates: Readonly<Record<Pipe, Gate>>;
  readonly posthog: {
    readonly key: string;
    /** "" if the given host is not a usable URL; the pipe is then off. */
    readonly host: string;
    readonly distinctId: string;
    readonly errorTracking: boolean;
    readonly flushInterval: number;
    readonly flushAt: number;
  };
  readonly otlp: {
    /** The full URL that batches are posted to; "" if the given one is not usable, and the pipe is then off. */
    readonly url: string;
    /** Keyed by name in lower case. */
    readonly headers: Readonly<Record<string, string>>;
    readonly protocol: OtlpProtocol;
    readonly timeoutMs: number;
    readonly compression: "gzip" | "none";
    readonly certificates: Certificates;
  } & BatchSettings;
  readonly propagators: readonly PropagatorName[];
  readonly spanLimits: Readonly<Required<SpanLimits>>;
  readonly serviceName: string;
  /** Merged from `OTEL_RESOURCE_ATTRIBUTES` and the option; the option wins. */
  readonly resourceAttributes: Attributes;
  readonly baggageAttributes: readonly string[];
  readonly mirror: MirrorSelection;
  readonly sampler: Sampler | undefined;
  readonly spanProcessors: readonly SpanProcessor[];
  readonly privacy: PrivacyOptions;
  readonly spool:
    | {
        readonly directory: string | undefined;
        readonly maxBytes: number;
        readonly maxAgeMs: number;
      }
    | false;
  readonly recorder: RecorderSettings | false;
  readonly throttle: {
    readonly perSecond: number;
    readonly errorCap: number;
    readonly completionsPerSecond: number;
  };
  readonly ignoreErrors: readonly IgnoreErrorRule[];
  readonly record: boolean;
  readonly shutdownTimeoutMs: number;
  readonly processHooks: boolean | ProcessHookOptions;
  readonly sources: SettingSources;
}
