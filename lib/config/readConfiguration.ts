import type { Sampler, SpanProcessor } from "@opentelemetry/sdk-trace-base";
import { constants } from "node:os";
import { types } from "node:util";
import type { PrivacyOptions } from "../redaction/createRedactor.js";
import { defaultDistinctId } from "../resource/identity.js";
import { Tier } from "../resource/Tier.js";
import { attempt } from "../shared/attempt.js";
import { diagnoseSetting } from "../shared/diagnostics.js";
import { isObject } from "../shared/isObject.js";
import type { Configuration } from "./Configuration.js";
import { isThisMachine } from "./endpoints.js";
import type { Misunderstood } from "./normaliseOptions.js";
import { normaliseOptions } from "./normaliseOptions.js";
import {
  parseAmount,
  parseBoolean,
  parseChoice,
  parseKeyPairs,
  parseNumber,
  parsePath,
  parseText,
} from "./parsers.js";
import { readGates } from "./readGates.js";
import { readHeaders } from "./readHeaders.js";
import {
  checkSampler,
  readBatch,
  readPropagators,
  readSpanLimits,
  reportUnread,
} from "./readStandard.js";
import type { Environment } from "./SettingReader.js";
import { SettingReader } from "./SettingReader.js";
import { SPOOL_DEFAULTS } from "./spoolDefaults.js";
import type {
  IgnoreErrorRule,
  MirrorKind,
  OtlpProtocol,
  ProcessHookOptions,
  TelemetryOptions,
} from "./TelemetryOptions.js";

const MIRROR_KINDS: readonly unknown[] = ["error", "session", "handler"] satisfies MirrorKind[];
const DEFAULT_MIRROR: readonly MirrorKind[] = Object.freeze(["error", "session"]);
const PROTOCOLS: readonly OtlpProtocol[] = ["http/json", "http/protobuf"];
const COMPRESSIONS = ["gzip", "none"] as const;
/**
 * Reads options and environment once, into one frozen object. Options beat the Land variables (whose newer name beats
 * the older), those beat the OTEL_* and POSTHOG_* variables, and those beat the defaults. A value that cannot be used
 * is reported by `diagnoseSetting`, and the next in that order is used; only an unusable destination, certificate or
 * key turns its pipe off instead. Never throws.
 *
 * Each line below is a setting: its name (also the option's), its parser, its default and its variables. The sampler
 * variables are read by the official provider itself.
 *
 * @param implied Options to use where the caller gives none.
 */
export function readConfiguration(
  given: Tier | TelemetryOptions,
  environment: Environment = process.env,
  implied: Partial<TelemetryOptions> = {},
): Configuration {
  const misunderstood: Misunderstood = {};
  const own = normaliseOptions(given, misunderstood);
  const posthog = { ...implied.posthog, ...own.posthog };
  const options: TelemetryOptions = { ...implied, ...own, posthog };
  const settings = new SettingReader(options, environment);
  reportUnread(settings);
  const tier = readTier(settings);
  const perSecond = settings.read("throttle.perSecond", parseNumber, 5, "Throttle");
  const { gates, key, host, url, certificates } = readGates(settings, misunderstood);
  const serviceName = settings.read("serviceName", parseText, undefined, "OTEL_SERVICE_NAME");

  return Object.freeze({
    tier,
    app: Object.freeze({
      name: settings.read("app.name", parseText, "fiddee"),
      version: settings.read("app.version", parseText, "0.0.1"),
      buildMode: settings.read("app.buildMode", parseText, "debug"),
    }),
    gates,
    posthog: Object.freeze({
      key,
      host,
      distinctId:
        settings.read("posthog.distinctId", parseText, undefined, "Brand") ??
        defaultDistinctId(environment),
      errorTracking: settings.read("posthog.errorTracking", parseBoolean, false),
      // Land's own values for window and batch (`.env.Land.PostHog`).
      flushInterval: settings.read("posthog.flushInterval", parseNumber, 3_000, "Buffer"),
      flushAt: Math.ceil(settings.read("posthog.flushAt", parseNumber, 20, "Batch")),
    }),
    otlp: Object.freeze({
      url,
      headers: readHeaders(settings, options.otlp?.headers),
      protocol: settings.read(
        "otlp.protocol",
        parseChoice(PROTOCOLS, "http/json"),
        "http/json",
        "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
        "OTEL_EXPORTER_OTLP_PROTOCOL",
      ),
      timeoutMs: settings.read(
        "otlp.timeoutMs",
        parseNumber,
        10_000,
        "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
        "OTEL_EXPORTER_OTLP_TIMEOUT",
      ),
      compression: settings.read(
        "otlp.compression",
        parseChoice(COMPRESSIONS, "gzip"),
        // Compression saves nothing when the collector is on this machine.
        isThisMachine(url) ? "none" : "gzip",
        "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION",
        "OTEL_EXPORTER_OTLP_COMPRESSION",
      ),
      certificates: Object.freeze(certificates),
      ...readBatch(settings),
    }),
    propagators: readPropagators(settings),
    spanLimits: readSpanLimits(settings),
    serviceName: serviceName ?? `land-editor-${tier}`,
    resourceAttributes: Object.freeze({
      ...parseKeyPairs(
        "OTEL_RESOURCE_ATTRIBUTES",
        settings.variable("OTEL_RESOURCE_ATTRIBUTES") ?? "",
      ),
      // The resource specification: OTEL_SERVICE_NAME beats `service.name` in OTEL_RESOURCE_ATTRIBUTES.
      ...(serviceName === undefined ? {} : { "service.name": serviceName }),
      ...options.resourceAttributes,
    }),
    baggageAttributes: readList(
      "baggageAttributes",
      options.baggageAttributes,
      isText,
      "a list of names",
    ),
    mirror: readMirror(options.mirror),
    sampler: readSampler(settings, options.sampler),
    spanProcessors: readList("spanProcessors", options.spanProcessors, isProcessor, PROCESSORS),
    privacy: readPrivacy(options.privacy),
    spool:
      options.spool !== false &&
      Object.freeze({
        directory: settings.read("spool.directory", parsePath, undefined, "LAND_TELEMETRY_SPOOL"),
        maxBytes: settings.read("spool.maxBytes", parseAmount, SPOOL_DEFAULTS.maxBytes),
        maxAgeMs: settings.read("spool.maxAgeMs", parseAmount, SPOOL_DEFAULTS.maxAgeMs),
      }),
    recorder:
      options.recorder !== false &&
      Object.freeze({
        openAfterMs: settings.read("recorder.openAfterMs", parseAmount, 50),
        handlersAtStart: settings.read("recorder.handlersAtStart", parseBoolean, false),
      }),
    throttle: Object.freeze({
      perSecond,
      errorCap: settings.read("throttle.errorCap", parseNumber, 7, "Cap"),
      completionsPerSecond: settings.read("throttle.completionsPerSecond", parseNumber, perSecond),
    }),
    ignoreErrors: readIgnoreErrors(options.ignoreErrors),
    record: settings.read("record", parseBoolean, false, "Record"),
    // Short, because a person is waiting for the process to end.
    shutdownTimeoutMs: settings.read("shutdownTimeoutMs", parseNumber, 250),
    processHooks: readProcessHooks(settings, options.processHooks),
    sources: Object.freeze(settings.sources),
  });
}

function readTier(settings: SettingReader): Tier {
  const tiers = Object.values(Tier);
  const where = ["tier", "LAND_TELEMETRY_TIER"] as const;
  if (settings.given(...where).length === 0)
    diagnoseSetting(where[0], undefined, tiers.join(", "), `${Tier.Sidecar} is used.`);
  return settings.read(where[0], parseChoice(tiers, Tier.Sidecar), Tier.Sidecar, where[1]);
}

function readSampler(settings: SettingReader, sampler: unknown): Sampler | undefined {
  if (hasMethods(sampler, "shouldSample")) return sampler as Sampler;
  if (sampler !== undefined)
    diagnoseSetting("sampler", sampler, "an object with shouldSample", "It is treated as unset.");
  checkSampler(settings);
  return undefined;
}

const PROCESSORS = "a list of objects with onStart, onEnd, forceFlush and shutdown";

function isProcessor(value: unknown): value is SpanProcessor {
  return hasMethods(value, "onStart", "onEnd", "forceFlush", "shutdown");
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function hasMethods(value: unknown, ...names: readonly string[]): boolean {
  const member = (name: string): unknown => (value as Record<string, unknown>)[name];
  return (
    isObject(value) &&
    attempt(() => names.every((name) => typeof member(name) === "function")) === true
  );
}

/** Checks the privacy options that the redactor does not check itself when it is created. */
function readPrivacy(privacy: TelemetryOptions["privacy"]): PrivacyOptions {
  if (typeof privacy !== "object") return Object.freeze({ enabled: privacy !== false });
  const { enabled, patterns, applicationRoot, allowKeys, denyKeys, ...others } = privacy;
  const usable: Record<string, unknown> = { ...others };
  const isOn: unknown = enabled;
  if (typeof isOn === "boolean") usable["enabled"] = isOn;
  else if (isOn !== undefined) diagnoseSetting("privacy.enabled", isOn, "true, false", "It is on.");
  if (applicationRoot !== undefined)
    usable["applicationRoot"] = parsePath("privacy.applicationRoot", applicationRoot);
  if (patterns !== undefined)
    usable["patterns"] = readList("privacy.patterns", patterns, isObject, PATTERNS);
  for (const [name, keys] of Object.entries<unknown>({ allowKeys, denyKeys }))
    if (keys !== undefined)
      usable[name] = readList(`privacy.${name}`, keys, isText, "a list of names");
  return Object.freeze(usable);
}

const PATTERNS = "a list of regular expressions, or of { name, pattern }";

function readProcessHooks(
  settings: SettingReader,
  hooks: TelemetryOptions["processHooks"] = true,
): boolean | ProcessHookOptions {
  if (typeof hooks === "boolean") return hooks;
  const signals: unknown = hooks.signals;
  return Object.freeze({
    exit: settings.read("processHooks.exit", parseBoolean, true),
    beforeExit: settings.read("processHooks.beforeExit", parseBoolean, true),
    uncaught: settings.read("processHooks.uncaught", parseBoolean, true),
    ...(signals === undefined
      ? {}
      : {
          signals:
            typeof signals === "boolean"
              ? signals
              : readList("processHooks.signals", signals, isSignal, "signals such as SIGTERM"),
        }),
  });
}

function isSignal(value: unknown): value is NodeJS.Signals {
  return typeof value === "string" && Object.hasOwn(constants.signals, value);
}

function readMirror(mirror: unknown): Configuration["mirror"] {
  if (mirror === undefined) return DEFAULT_MIRROR;
  if (typeof mirror === "function") return mirror as Configuration["mirror"];
  if (Array.isArray(mirror) && mirror.every((kind) => MIRROR_KINDS.includes(kind)))
    return mirror as Configuration["mirror"];
  diagnoseSetting(
    "mirror",
    mirror,
    `an array of ${MIRROR_KINDS.join(", ")}, or a function`,
    `["${DEFAULT_MIRROR.join('", "')}"] is used.`,
  );
  return DEFAULT_MIRROR;
}

function readIgnoreErrors(given: unknown): Configuration["ignoreErrors"] {
  const rules: unknown[] = given === undefined ? [] : Array.isArray(given) ? given : [given];
  const isRule = (rule: unknown): rule is IgnoreErrorRule =>
    (typeof rule === "string" && rule !== "") || typeof rule === "function" || types.isRegExp(rule);
  for (const rule of rules)
    if (!isRule(rule))
      diagnoseSetting("ignoreErrors", rule, "a name, a RegExp or a function", "It is left out.");
  return Object.freeze(rules.filter(isRule));
}

/** The elements that fit. Other elements, and a value that is not an array, are reported and left out. */
function readList<T>(
  name: string,
  list: unknown,
  fits: (value: unknown) => value is T,
  accepted: string,
): readonly T[] {
  const given: readonly unknown[] = Array.isArray(list) ? list : list === undefined ? [] : [list];
  const usable = Array.isArray(list) ? given.filter(fits) : [];
  for (const value of given)
    if (!usable.includes(value as T)) diagnoseSetting(name, value, accepted, "It is left out.");
  return Object.freeze(usable);
}
