import type { Pipe } from "../shared/Stats.js";
import type { Configuration, Gate } from "./Configuration.js";
import { parseProjectKey } from "./parseProjectKey.js";
import type { Candidate, SettingReader } from "./SettingReader.js";
import type { TelemetryOptions } from "./TelemetryOptions.js";

/**
 * Whether each pipe is on: the master switch, the pipe's own switch, and for PostHog a key. Unset means off;
 * an explicit off wins over any on, whoever says it.
 */
export function readGates(
  reader: SettingReader,
  options: TelemetryOptions,
): { readonly gates: Configuration["gates"]; readonly key: string } {
  const master = reader.gate("capture", [
    ["capture", options.capture],
    ...reader.variables("Capture"),
    sdkSwitch(reader),
  ]);
  const { key, source } = parseProjectKey([
    ["posthog.key", options.posthog?.key],
    ...reader.variables("Authorize", "POSTHOG_API_KEY"),
  ]);
  reader.sources["posthog.key"] = source;

  const gate = (
    pipe: Pipe,
    setting: string,
    candidates: readonly Candidate[],
    names: string,
  ): Gate => {
    const own = reader.gate(setting, candidates);
    const optedOut = master.optedOut || own.optedOut;
    const off = (reason: string): Gate => ({ on: false, optedOut, reason });
    if (master.optedOut) return off(`${pipe} is off: ${master.by} says so`);
    if (own.optedOut) return off(`${pipe} is off: ${own.by} says so`);
    if (!master.on) return off(`${pipe} is off: Capture is not set`);
    if (!own.on) return off(`${pipe} is off: ${names} is not set`);
    if (pipe === "posthog" && key === "")
      return off(
        `posthog is off: ${source === "default" ? "Authorize is not set" : `${source} holds no usable key`}`,
      );
    return { on: true, optedOut: false, reason: `${pipe} is on` };
  };

  return {
    key,
    gates: {
      posthog: gate(
        "posthog",
        "posthog.enabled",
        [["posthog.enabled", options.posthog?.enabled], ...reader.variables("Report")],
        "Report",
      ),
      otlp: gate(
        "otlp",
        "otlp.enabled",
        [
          ["otlp.enabled", options.otlp?.enabled],
          ...reader.variables("Emit", "OTLPEnabled"),
          exporterSwitch(reader),
        ],
        "Emit",
      ),
    },
  };
}

/** `OTEL_SDK_DISABLED=true` is an off; by the specification any other value means nothing. */
function sdkSwitch(reader: SettingReader): Candidate {
  const [name, value] = reader.variables("OTEL_SDK_DISABLED")[0] ?? [
    "OTEL_SDK_DISABLED",
    undefined,
  ];
  return [
    name,
    typeof value === "string" && value.trim().toLowerCase() === "true" ? false : undefined,
  ];
}

/** `OTEL_TRACES_EXPORTER=none` is an off of the OTLP pipe. */
function exporterSwitch(reader: SettingReader): Candidate {
  const [name, value] = reader.variables("OTEL_TRACES_EXPORTER")[0] ?? [
    "OTEL_TRACES_EXPORTER",
    undefined,
  ];
  return [
    name,
    typeof value === "string" && value.trim().toLowerCase() === "none" ? false : undefined,
  ];
}
