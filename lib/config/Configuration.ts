import type { Attributes } from "@opentelemetry/api";
import type { Sampler, SpanProcessor } from "@opentelemetry/sdk-trace-base";
import type { Tier } from "../resource/Tier.js";
import type { PrivacyOptions } from "../redaction/PrivacyOptions.js";
import type { Pipe } from "../shared/Stats.js";
import type {
  IgnoreErrorRule,
  MirrorSelection,
  OtlpProtocol,
  ProcessHookOptions,
} from "./TelemetryOptions.js";

/** Where each setting came from: the option or variable by name, or `default`. */
export type SettingSources = Readonly<Record<string, string>>;

/** Whether a pipe is on and, when it is not, why, in one sentence. */
export interface Gate {
  readonly on: boolean;
  /** Somebody said no, rather than nobody saying yes: what the pipe had spooled is deleted. */
  readonly optedOut: boolean;
  readonly reason: string;
  /** The option or variable that turned it off or, when none did, that is missing; "" while it is on. */
  readonly by: string;
}

/**
 * Everything `register` needs to know, read once and frozen. What the official exporter, processor and provider read
 * themselves from OTEL_* variables is left to them.
 */
export interface Configuration {
  readonly tier: Tier;
  readonly app: { readonly name: string; readonly version: string; readonly buildMode: string };
  readonly gates: Readonly<Record<Pipe, Gate>>;
  readonly posthog: {
    readonly key: string;
    readonly host: string;
    readonly distinctId: string;
    readonly errorTracking: boolean;
    readonly flushInterval: number;
    readonly flushAt: number;
  };
  readonly otlp: {
    /**
     * The full URL that batches are posted to, as the option or Land's variables say it; undefined leaves it to
     * OTEL_EXPORTER_OTLP_(TRACES_)ENDPOINT and their default.
     */
    readonly url: string | undefined;
    /** Those of the option. */
    readonly headers: Readonly<Record<string, string>>;
    readonly protocol: OtlpProtocol;
    /** That of the option. */
    readonly timeoutMs: number | undefined;
  };
  readonly serviceName: string;
  /** Of `OTEL_RESOURCE_ATTRIBUTES` and the option, in this order. */
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
