import { diagnoseSetting, HIDDEN } from "../shared/diagnostics.js";
import type { BatchSettings, Configuration } from "./Configuration.js";
import { LAND_PREFIX, PREFIXED_NAMES } from "./landVariables.js";
import { nearestName } from "./nearestName.js";
import { parseCount, parseLimit, parseNumber, parseShare } from "./parsers.js";
import type { SettingReader } from "./SettingReader.js";

/** The propagators that `OTEL_PROPAGATORS` can name here. */
export type PropagatorName = "tracecontext" | "baggage";

const PROPAGATORS: readonly string[] = ["tracecontext", "baggage"] satisfies PropagatorName[];
/** The sampler names from the specification that the SDK implements. */
const SAMPLERS = ["always_on", "always_off", "traceidratio"].flatMap((name) => [
  name,
  `parentbased_${name}`,
]);
/** Variables that official or similar packages read and this package does not. */
const UNREAD = ["OTEL_CONFIG_FILE", "OTEL_EXPERIMENTAL_CONFIG_FILE", "POSTHOG_CAPTURE_MODE"];

/** Reports each of the `UNREAD` variables that is set, and each name with Land's prefix that is not known. */
export function reportUnread(settings: SettingReader): void {
  for (const name of settings.names())
    if (name.startsWith(LAND_PREFIX) && !PREFIXED_NAMES.includes(name))
      diagnoseSetting(
        name,
        HIDDEN,
        nearestName(name, PREFIXED_NAMES) ?? PREFIXED_NAMES.join(", "),
        "It is not read.",
      );
  for (const name of UNREAD)
    if (settings.variable(name)?.trim())
      diagnoseSetting(
        name,
        settings.variable(name),
        "nothing; this variable is not read",
        "Use the options of register or their variables.",
      );
}

/** Both by default. `none`, even beside other names, is an explicit off and wins. */
export function readPropagators(settings: SettingReader): readonly PropagatorName[] {
  const text = settings.variable("OTEL_PROPAGATORS") ?? "";
  const names = new Set(
    text
      .toLowerCase()
      .split(",")
      .map((name) => name.trim()),
  );
  names.delete("");
  settings.sources["propagators"] = names.size === 0 ? "default" : "OTEL_PROPAGATORS";
  if (names.has("none")) return Object.freeze([]);
  const known = PROPAGATORS.filter((name) => names.has(name));
  const used = (known.length === 0 ? PROPAGATORS : known) as readonly PropagatorName[];
  for (const name of names)
    if (!PROPAGATORS.includes(name))
      diagnoseSetting(
        "OTEL_PROPAGATORS",
        name,
        `${PROPAGATORS.join(", ")}, none`,
        `${used.join(", ")} is used.`,
      );
  return Object.freeze([...used]);
}

/**
 * Reports sampler variables that the official provider cannot use. It reads them itself when no sampler is given, and
 * accepts names only in their exact spelling.
 */
export function checkSampler(settings: SettingReader): void {
  const [name, argument] = ["OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG"];
  const sampler = settings.variable(name) ?? "";
  if (sampler.trim() !== "" && !SAMPLERS.includes(sampler))
    diagnoseSetting(name, sampler, SAMPLERS.join(", "), "parentbased_always_on is used.");
  if (!SAMPLERS.includes(sampler) || !sampler.endsWith("ratio")) return;
  const share = settings.variable(argument)?.trim();
  parseShare(argument, share === undefined || share === "" ? HIDDEN : share, "1 is used.");
}

/** The settings of BatchSpanProcessor, with the defaults of the SDK specification ("Batching processor"). */
export function readBatch(settings: SettingReader): BatchSettings {
  const read = (name: string, parse: typeof parseCount, fallback: number, variable: string) =>
    settings.read(`otlp.${name}`, parse, fallback, `OTEL_BSP_${variable}`);
  return {
    maxQueueSize: read("maxQueueSize", parseCount, 2_048, "MAX_QUEUE_SIZE"),
    maxExportBatchSize: read("maxExportBatchSize", parseCount, 512, "MAX_EXPORT_BATCH_SIZE"),
    scheduledDelayMillis: read("scheduledDelayMillis", parseLimit, 5_000, "SCHEDULE_DELAY"),
    exportTimeoutMillis: read("exportTimeoutMillis", parseNumber, 30_000, "EXPORT_TIMEOUT"),
  };
}

/**
 * The limits of a span, with the defaults of the SDK specification ("Span Limits"). For events and links, the SDK for
 * JavaScript has names of its own, which come before those of the specification ("Attribute Limits").
 */
export function readSpanLimits(settings: SettingReader): Configuration["spanLimits"] {
  const read = (name: string, parse: typeof parseCount, fallback: number, ...variables: string[]) =>
    settings.read(`spanLimits.${name}`, parse, fallback, ...variables);
  const [count, length] = ["ATTRIBUTE_COUNT_LIMIT", "ATTRIBUTE_VALUE_LENGTH_LIMIT"];
  return Object.freeze({
    attributeCountLimit: read(
      "attributeCountLimit",
      parseLimit,
      128,
      `OTEL_SPAN_${count}`,
      `OTEL_${count}`,
    ),
    attributeValueLengthLimit: read(
      "attributeValueLengthLimit",
      parseCount,
      Infinity,
      `OTEL_SPAN_${length}`,
      `OTEL_${length}`,
    ),
    linkCountLimit: read("linkCountLimit", parseLimit, 128, "OTEL_SPAN_LINK_COUNT_LIMIT"),
    eventCountLimit: read("eventCountLimit", parseLimit, 128, "OTEL_SPAN_EVENT_COUNT_LIMIT"),
    attributePerEventCountLimit: read(
      "attributePerEventCountLimit",
      parseLimit,
      128,
      "OTEL_SPAN_ATTRIBUTE_PER_EVENT_COUNT_LIMIT",
      "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT",
    ),
    attributePerLinkCountLimit: read(
      "attributePerLinkCountLimit",
      parseLimit,
      128,
      "OTEL_SPAN_ATTRIBUTE_PER_LINK_COUNT_LIMIT",
      "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT",
    ),
  });
}
