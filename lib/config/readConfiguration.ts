import { types } from "node:util";
import { defaultDistinctId } from "../resource/identity.js";
import { isTier, Tier } from "../resource/Tier.js";
import { diagnoseSetting } from "../shared/diagnostics.js";
import type { Configuration } from "./Configuration.js";
import { tracesEndpoint } from "./endpoints.js";
import { normaliseOptions } from "./normaliseOptions.js";
import {
  parseBoolean,
  parseChoice,
  parseKeyPairs,
  parseNumber,
  parseText,
  parseUrl,
} from "./parsers.js";
import { readGates } from "./readGates.js";
import type { Environment } from "./SettingReader.js";
import { SettingReader } from "./SettingReader.js";
import type {
  IgnoreErrorRule,
  MirrorKind,
  OtlpProtocol,
  TelemetryOptions,
} from "./TelemetryOptions.js";

const MIRROR_KINDS: readonly unknown[] = ["error", "session", "handler"] satisfies MirrorKind[];
const DEFAULT_MIRROR: readonly MirrorKind[] = Object.freeze(["error", "session"]);
const PROTOCOLS: readonly OtlpProtocol[] = ["http/json", "http/protobuf"];

/**
 * Reads options and environment once, into one frozen object. Options beat the Land variables (whose newer
 * name beats the older), those beat the OTEL_* and POSTHOG_* variables, those beat the defaults. What cannot be
 * used is reported through `diag` and replaced by what comes next in that order; nothing is thrown.
 *
 * Each line below is a setting: its name, which is also that of the option, how it is read, its default and its
 * variables. What the official exporter, processor and provider read from OTEL_* variables themselves is not here.
 */
export function readConfiguration(
  given: Tier | TelemetryOptions,
  environment: Environment = process.env,
): Configuration {
  const options = normaliseOptions(given);
  const settings = new SettingReader(options, environment);
  const tier = readTier(options.tier);
  const { gates, key } = readGates(settings);
  const endpoint = settings.read("otlp.endpoint", parseUrl, undefined, "Pipe", "OTLPEndpoint");
  const perSecond = settings.read("throttle.perSecond", parseNumber, 5, "Throttle");
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
      host: settings.read(
        "posthog.host",
        parseUrl,
        "https://eu.i.posthog.com",
        "Beam",
        "POSTHOG_HOST",
      ),
      distinctId:
        settings.read("posthog.distinctId", parseText, undefined, "Brand") ??
        defaultDistinctId(environment),
      errorTracking: settings.read("posthog.errorTracking", parseBoolean, false),
      // Land's own window and batch (`.env.Land.PostHog`).
      flushInterval: settings.read("posthog.flushInterval", parseNumber, 3_000, "Buffer"),
      flushAt: Math.ceil(settings.read("posthog.flushAt", parseNumber, 20, "Batch")),
    }),
    otlp: Object.freeze({
      url: endpoint === undefined ? undefined : tracesEndpoint(endpoint),
      headers: readHeaders(options.otlp?.headers),
      protocol: settings.read(
        "otlp.protocol",
        parseChoice(PROTOCOLS, "http/json"),
        "http/json",
        "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
        "OTEL_EXPORTER_OTLP_PROTOCOL",
      ),
      timeoutMs: settings.read("otlp.timeoutMs", parseNumber, undefined),
    }),
    serviceName: serviceName ?? `land-editor-${tier}`,
    resourceAttributes: Object.freeze({
      ...parseKeyPairs(
        "OTEL_RESOURCE_ATTRIBUTES",
        settings.variable("OTEL_RESOURCE_ATTRIBUTES") ?? "",
      ),
      // By the resource specification the variable of its own beats a `service.name` among them.
      ...(serviceName === undefined ? {} : { "service.name": serviceName }),
      ...options.resourceAttributes,
    }),
    baggageAttributes: readList("baggageAttributes", options.baggageAttributes),
    mirror: readMirror(options.mirror),
    sampler: options.sampler,
    spanProcessors: readList("spanProcessors", options.spanProcessors),
    privacy:
      typeof options.privacy === "object"
        ? options.privacy
        : Object.freeze({ enabled: options.privacy !== false }),
    spool:
      options.spool !== false &&
      Object.freeze({
        directory: settings.read("spool.directory", parseText, undefined, "LAND_TELEMETRY_SPOOL"),
        // 100,000 spans that end in one tick fit, some 70 MB of them; a laptop does not notice it.
        maxBytes: settings.read("spool.maxBytes", parseNumber, 128 * 1024 * 1024),
        // A week: what is older helps nobody, and a backend refuses it.
        maxAgeMs: settings.read("spool.maxAgeMs", parseNumber, 7 * 24 * 60 * 60 * 1_000),
      }),
    throttle: Object.freeze({
      perSecond,
      errorCap: settings.read("throttle.errorCap", parseNumber, 7, "Cap"),
      completionsPerSecond: settings.read("throttle.completionsPerSecond", parseNumber, perSecond),
    }),
    ignoreErrors: readIgnoreErrors(options.ignoreErrors),
    record: settings.read("record", parseBoolean, false, "Record"),
    // A person waits for the end of a process.
    shutdownTimeoutMs: settings.read("shutdownTimeoutMs", parseNumber, 250),
    processHooks: options.processHooks ?? true,
    sources: Object.freeze(settings.sources),
  });
}

function readTier(tier: unknown): Tier {
  const lowered = typeof tier === "string" ? tier.trim().toLowerCase() : tier;
  if (isTier(lowered)) return lowered;
  diagnoseSetting("tier", tier, Object.values(Tier).join(", "), `"${Tier.Sidecar}" is used.`);
  return Tier.Sidecar;
}

function readHeaders(headers: object = {}): Readonly<Record<string, string>> {
  return Object.freeze(
    Object.fromEntries(Object.entries(headers).filter(([, value]) => typeof value === "string")),
  );
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

function readList<T>(name: string, list: readonly T[] | undefined): readonly T[] {
  if (Array.isArray(list)) return list as readonly T[];
  if (list !== undefined) diagnoseSetting(name, list, "an array", "It is taken as empty.");
  return Object.freeze([]);
}
