import type { Configuration } from "../../config/Configuration.js";
import type { Pipe } from "../../shared/Stats.js";
import type { Finding } from "./Finding.js";

type Environment = Readonly<Record<string, string | undefined>>;

const SWITCHES = { otlp: "Emit", posthog: "Report" } as const;
/** OTLP's own port for gRPC. */
const GRPC_PORT = "4317";
const LOOPBACK = /^(?:localhost|127\.|\[::1\])/;

/** Why pipes are off, and settings that are on but look wrong. */
export function examineGates(
  configuration: Configuration,
  environment: Environment,
): readonly Finding[] {
  return [
    ...gate("otlp", configuration),
    ...gate("posthog", configuration),
    ...oddSettings(configuration, environment),
  ];
}

function gate(pipe: Pipe, { gates, sources }: Configuration): readonly Finding[] {
  const { on, optedOut, reason } = gates[pipe];
  if (on) return [];
  const off = (cause: string, advice: string): readonly Finding[] => [
    { code: `${pipe}-off-${cause}`, level: "off", about: pipe, sentence: `${reason}.`, advice },
  ];
  const master = sources["capture"] ?? "default";
  const own = sources[`${pipe}.enabled`] ?? "default";
  if (optedOut) {
    // The gate asks the master switch first; its reason names the one that said no.
    const by = reason.startsWith(`${pipe} is off: ${master} says`) ? master : own;
    const advice: Readonly<Record<string, string>> = {
      OTEL_SDK_DISABLED:
        "Unset OTEL_SDK_DISABLED; while it is true, nothing else can turn telemetry on.",
      OTEL_TRACES_EXPORTER: "Unset OTEL_TRACES_EXPORTER, or set it to otlp.",
    };
    return off(
      `by-${by}`,
      advice[by] ??
        `Unset ${by} or set it to true; an explicit off wins over every on, and deletes what was spooled.`,
    );
  }
  if (master === "default")
    return off("capture-unset", `Set Capture=true and ${SWITCHES[pipe]}=true.`);
  if (own === "default") return off("unset", `Set ${SWITCHES[pipe]}=true.`);
  const key = sources["posthog.key"] ?? "default";
  if (key === "default") return off("no-key", "Set Authorize to the project's key, phc_…");
  return off(
    "key-unusable",
    `Set ${key} to the project's key, phc_… without blanks; an empty one turns the pipe off, whatever other variables hold.`,
  );
}

function oddSettings(
  { posthog, otlp, gates, sources }: Configuration,
  environment: Environment,
): readonly Finding[] {
  const findings: Finding[] = [];
  const add = (
    code: string,
    about: Finding["about"],
    level: Finding["level"],
    sentence: string,
    advice: string,
  ): void => void findings.push({ code, about, level, sentence, advice });
  if (posthog.key.startsWith("phx_")) {
    add(
      "posthog-personal-key",
      "posthog",
      "problem",
      `${sources["posthog.key"] ?? "The key"} holds a personal API key (phx_…), which may read and change the project.`,
      "Revoke it if it was handed out, and use the project's key, phc_…",
    );
  }
  for (const [name, newer] of [
    ["OTLPEnabled", "Emit"],
    ["OTLPEndpoint", "Pipe"],
  ] as const) {
    if ((environment[name] ?? "") === "") continue;
    const loses = (environment[newer] ?? "") !== "";
    add(
      "old-name",
      "settings",
      "note",
      `${name} is the older name of ${newer}${loses ? ", which is set too and wins" : ""}.`,
      `Use ${newer}.`,
    );
  }
  for (const [pipe, url] of [
    ["otlp", otlp.url],
    ["posthog", posthog.host],
  ] as const) {
    if (!gates[pipe].on || !url.startsWith("http://") || LOOPBACK.test(url.slice("http://".length)))
      continue;
    add(
      `${pipe}-unencrypted`,
      pipe,
      "note",
      `${pipe} goes to another machine without encryption.`,
      "Use https, unless the network between is your own.",
    );
  }
  if (gates.otlp.on && URL.canParse(otlp.url) && new URL(otlp.url).port === GRPC_PORT) {
    add(
      "otlp-grpc-port",
      "otlp",
      "note",
      `The OTLP pipe goes to port ${GRPC_PORT}, where collectors speak gRPC; over HTTP they listen on 4318.`,
      "Set Pipe to port 4318, unless yours speaks HTTP on this one.",
    );
  }
  if (environment["POSTHOG_CAPTURE_MODE"]?.trim() === "v1") {
    add(
      "posthog-capture-mode",
      "posthog",
      "note",
      "POSTHOG_CAPTURE_MODE=v1 is set; it is not followed here, since that mode loses events while offline.",
      "Unset it.",
    );
  }
  if (environment["NODE_ENV"] === "production") {
    add(
      "production",
      "settings",
      "note",
      "NODE_ENV is production: a bundle that was built so holds no telemetry, whatever is set at run time.",
      "Look at how the application was built.",
    );
  }
  return findings;
}
