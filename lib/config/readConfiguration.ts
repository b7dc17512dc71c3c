import { defaultDistinctId } from "../resource/identity.js";
import { diagnoseSetting } from "../shared/diagnose.js";
import type { Configuration } from "./Configuration.js";
import { DEFAULTS } from "./defaults.js";
import { parseKeyPairs } from "./parseKeyPairs.js";
import { batchEndpoint, tracesEndpoint } from "./parseUrl.js";
import { readSwitches } from "./readSwitches.js";
import type { Switches } from "./readSwitches.js";
import type { Environment, SettingReader } from "./SettingReader.js";
import type { TelemetryOptions } from "./TelemetryOptions.js";

/**
 * Reads options and environment into one frozen object. Options beat the Land variables (of which the newer
 * name beats the older), those beat the OTEL_* and POSTHOG_* variables, those beat the defaults. What cannot be
 * used is reported through `diag` and replaced by what comes next in that order; nothing is thrown.
 */
export function readConfiguration(
  given: TelemetryOptions,
  environment: Environment,
): Configuration {
  return completeConfiguration(readSwitches(given, environment));
}

/** The same where the switches have been read: what they turn on may be read later. */
export function completeConfiguration({
  tier,
  gates,
  key,
  processHooks,
  shutdownTimeoutMs,
  options,
  environment,
  reader,
}: Switches): Configuration {
  const { posthog = {}, otlp = {}, app = {}, throttle = {} } = options;
  const url = readTracesUrl(reader, otlp.endpoint);

  return Object.freeze({
    tier,
    app: {
      name: reader.text("app.name", [["app.name", app.name]], DEFAULTS.appName),
      version: reader.text("app.version", [["app.version", app.version]], DEFAULTS.appVersion),
      buildMode: reader.text(
        "app.buildMode",
        [["app.buildMode", app.buildMode]],
        DEFAULTS.buildMode,
      ),
    },
    gates,
    posthog: {
      key,
      host: reader.url(
        "posthog.host",
        [["posthog.host", posthog.host], ...reader.variables("Beam", "POSTHOG_HOST")],
        DEFAULTS.posthogHost,
      ),
      distinctId:
        reader.text(
          "posthog.distinctId",
          [["posthog.distinctId", posthog.distinctId], ...reader.variables("Brand")],
          "",
        ) || defaultDistinctId(environment),
      errorTracking: reader.boolean(
        "posthog.errorTracking",
        [["posthog.errorTracking", posthog.errorTracking]],
        false,
      ),
      flushInterval: reader.number(
        "posthog.flushInterval",
        [["posthog.flushInterval", posthog.flushInterval], ...reader.variables("Buffer")],
        DEFAULTS.flushInterval,
      ),
      flushAt: Math.ceil(
        reader.number(
          "posthog.flushAt",
          [["posthog.flushAt", posthog.flushAt], ...reader.variables("Batch")],
          DEFAULTS.flushAt,
        ),
      ),
    },
    otlp: {
      url,
      headers: readHeaders(reader, otlp.headers),
      protocol: reader.choice(
        "otlp.protocol",
        [
          ["otlp.protocol", otlp.protocol],
          ...reader.variables("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"),
        ],
        ["http/json", "http/protobuf"],
        "http/json",
      ),
      timeoutMs: reader.number(
        "otlp.timeoutMs",
        [
          ["otlp.timeoutMs", otlp.timeoutMs],
          ...reader.variables("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"),
        ],
        DEFAULTS.otlpTimeoutMs,
      ),
      gzip:
        reader.choice(
          "otlp.compression",
          reader.variables(
            "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION",
            "OTEL_EXPORTER_OTLP_COMPRESSION",
          ),
          ["gzip", "none"],
          // On its way to this machine itself, fewer bytes save nothing.
          isThisMachine(url) ? "none" : "gzip",
        ) === "gzip",
      ...readBatch(reader),
    },
    serviceName: reader.text(
      "serviceName",
      reader.variables("OTEL_SERVICE_NAME"),
      `land-editor-${tier}`,
    ),
    resourceAttributes: { ...readResourceAttributes(environment), ...options.resourceAttributes },
    baggageAttributes: readList("baggageAttributes", options.baggageAttributes),
    mirror: readMirror(options.mirror),
    sampler: options.sampler,
    spanProcessors: readList("spanProcessors", options.spanProcessors),
    privacy: options.privacy ?? {},
    spool: readSpool(reader, options),
    throttle: {
      perSecond: reader.number(
        "throttle.perSecond",
        [["throttle.perSecond", throttle.perSecond], ...reader.variables("Throttle")],
        DEFAULTS.throttlePerSecond,
      ),
      errorCap: reader.number(
        "throttle.errorCap",
        [["throttle.errorCap", throttle.errorCap], ...reader.variables("Cap")],
        DEFAULTS.errorCap,
      ),
    },
    record: reader.boolean("record", reader.variables("Record"), false),
    shutdownTimeoutMs,
    processHooks,
    sources: reader.sources,
  });
}

/** By the resource specification `OTEL_SERVICE_NAME` beats a `service.name` in `OTEL_RESOURCE_ATTRIBUTES`. */
function readResourceAttributes(environment: Environment): Record<string, string> {
  const given = environment["OTEL_RESOURCE_ATTRIBUTES"];
  const attributes = given === undefined ? {} : parseKeyPairs("OTEL_RESOURCE_ATTRIBUTES", given);
  const name = environment["OTEL_SERVICE_NAME"]?.trim() ?? "";
  return name === "" ? attributes : { ...attributes, "service.name": name };
}

const THIS_MACHINE = /^https?:\/\/(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?:[:/]|$)/i;

function isThisMachine(url: string): boolean {
  return THIS_MACHINE.test(url);
}

function readTracesUrl(reader: SettingReader, endpoint: string | undefined): string {
  const base: [string, unknown][] = [["otlp.endpoint", endpoint]];
  const land = reader.url(
    "otlp.endpoint",
    [...base, ...reader.variables("Pipe", "OTLPEndpoint")],
    "",
  );
  if (land !== "") return tracesEndpoint(land);
  // By the exporter specification the signal's own variable is used as it is, the generic one is a base.
  const exact = reader.url(
    "otlp.endpoint",
    reader.variables("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"),
    "",
  );
  if (exact !== "") return exact;
  return tracesEndpoint(
    reader.url(
      "otlp.endpoint",
      reader.variables("OTEL_EXPORTER_OTLP_ENDPOINT"),
      DEFAULTS.otlpEndpoint,
    ),
  );
}

function readHeaders(reader: SettingReader, headers: unknown): Record<string, string> {
  const read: Record<string, string> = {};
  for (const [name, value] of reader.variables(
    "OTEL_EXPORTER_OTLP_HEADERS",
    "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
  )) {
    if (value !== undefined) Object.assign(read, parseKeyPairs(name, value as string));
  }
  if (typeof headers === "object" && headers !== null) {
    for (const [name, value] of Object.entries(headers))
      if (typeof value === "string") read[name] = value;
  }
  return read;
}

function readBatch(
  reader: SettingReader,
): Pick<
  Configuration["otlp"],
  "maxQueueSize" | "maxExportBatchSize" | "scheduledDelayMillis" | "exportTimeoutMillis"
> {
  const maxQueueSize = Math.ceil(
    reader.number(
      "otlp.maxQueueSize",
      reader.variables("OTEL_BSP_MAX_QUEUE_SIZE"),
      DEFAULTS.maxQueueSize,
    ),
  );
  return {
    maxQueueSize,
    maxExportBatchSize: Math.min(
      maxQueueSize,
      Math.ceil(
        reader.number(
          "otlp.maxExportBatchSize",
          reader.variables("OTEL_BSP_MAX_EXPORT_BATCH_SIZE"),
          DEFAULTS.maxExportBatchSize,
        ),
      ),
    ),
    scheduledDelayMillis: reader.number(
      "otlp.scheduledDelayMillis",
      reader.variables("OTEL_BSP_SCHEDULE_DELAY"),
      DEFAULTS.scheduledDelayMillis,
    ),
    exportTimeoutMillis: reader.number(
      "otlp.exportTimeoutMillis",
      reader.variables("OTEL_BSP_EXPORT_TIMEOUT"),
      DEFAULTS.exportTimeoutMillis,
    ),
  };
}

function readSpool(reader: SettingReader, options: TelemetryOptions): Configuration["spool"] {
  if (options.spool === false) return false;
  const spool = options.spool ?? {};
  return {
    directory:
      reader.text(
        "spool.directory",
        [["spool.directory", spool.directory], ...reader.variables("LAND_TELEMETRY_SPOOL")],
        "",
      ) || undefined,
    maxBytes: reader.number(
      "spool.maxBytes",
      [["spool.maxBytes", spool.maxBytes]],
      DEFAULTS.spoolMaxBytes,
    ),
    maxAgeMs: reader.number(
      "spool.maxAgeMs",
      [["spool.maxAgeMs", spool.maxAgeMs]],
      DEFAULTS.spoolMaxAgeMs,
    ),
  };
}

function readMirror(mirror: unknown): Configuration["mirror"] {
  if (mirror === undefined) return DEFAULTS.mirror;
  if (typeof mirror === "function") return mirror as Configuration["mirror"];
  const accepted: readonly unknown[] = ["error", "session", "handler"];
  if (Array.isArray(mirror) && mirror.every((kind) => accepted.includes(kind)))
    return mirror as Configuration["mirror"];
  diagnoseSetting(
    "mirror",
    mirror,
    `an array of ${accepted.join(", ")}, or a function`,
    `["${DEFAULTS.mirror.join('", "')}"] is used.`,
  );
  return DEFAULTS.mirror;
}

function readList<T>(name: string, list: readonly T[] | undefined): readonly T[] {
  if (list === undefined) return [];
  if (Array.isArray(list)) return list as readonly T[];
  diagnoseSetting(name, list, "an array", "It is taken as empty.");
  return [];
}

/** The two far ends of a configuration, for the pipes and for whoever asks where telemetry goes. */
export function destinations(configuration: Configuration): {
  readonly posthog: string;
  readonly otlp: string;
} {
  return { posthog: batchEndpoint(configuration.posthog.host), otlp: configuration.otlp.url };
}
