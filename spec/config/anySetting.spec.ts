import * as fc from "fast-check";
import { readMember } from "../../lib/shared/readMember.js";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readConfiguration } from "../../lib/config/readConfiguration.js";
import { createRedactor } from "../../lib/redaction/createRedactor.js";
import { collectProblems } from "../../lib/shared/diagnostics.js";

const ON = { Capture: "1", Report: "1", Emit: "1", Authorize: "phc_key" };

/** Every option, as `group.name`. */
const OPTIONS = [
  "tier",
  "capture",
  "mirror",
  "sampler",
  "spanProcessors",
  "baggageAttributes",
  "shutdownTimeoutMs",
  ...["app", "posthog", "otlp", "throttle", "spool", "privacy", "processHooks"],
  ...["name", "version", "buildMode"].map((name) => `app.${name}`),
  ...["enabled", "key", "host", "distinctId", "errorTracking", "flushInterval", "flushAt"].map(
    (name) => `posthog.${name}`,
  ),
  ...["enabled", "endpoint", "headers", "protocol", "timeoutMs"].map((name) => `otlp.${name}`),
  ...["perSecond", "errorCap"].map((name) => `throttle.${name}`),
  ...["directory", "maxBytes", "maxAgeMs"].map((name) => `spool.${name}`),
  ...["enabled", "patterns", "allowKeys", "denyKeys", "redact"].map((name) => `privacy.${name}`),
  ...["applicationRoot", "maxValueLength"].map((name) => `privacy.${name}`),
  ...["exit", "beforeExit", "uncaught", "signals"].map((name) => `processHooks.${name}`),
];

/** Every variable named by the pages on settings, extracted from their text. */
const PAGES = ["settings.md", "official-settings.md"]
  .map((name) => readFileSync(join(__dirname, "..", "..", "docs", name), "utf8"))
  .join("\n");
const VARIABLES = [
  ...new Set(
    PAGES.match(
      /`(?:OTEL_[A-Z_]+|POSTHOG_[A-Z_]+|LAND_[A-Z_]+|DO_NOT_TRACK|Capture|Report|Emit|OTLPEnabled|Authorize|Beam|Brand|Buffer|Batch|Throttle|Cap|Pipe|OTLPEndpoint|Record)(?==|`)/g,
    ),
  ),
].map((name) => name.slice(1));

const throwing = (): never => {
  throw new Error("hostile");
};
const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};
/** Whatever a careless or hostile JavaScript caller can pass. */
const anything = fc
  .oneof(
    fc.anything({
      withBigInt: true,
      withBoxedValues: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
      withObjectString: true,
    }),
    fc.string({ unit: "binary", maxLength: 30 }),
    fc.double(),
    fc.constantFrom<unknown>(
      Symbol("s"),
      throwing,
      () => undefined,
      new Proxy({}, { get: throwing, ownKeys: throwing, getPrototypeOf: throwing }),
      new Proxy([], { get: throwing }),
      { toString: throwing, [Symbol.toPrimitive]: throwing },
      {
        get [Symbol.toStringTag]() {
          return throwing();
        },
      },
      Date,
      /x/,
      new URL("http://h"),
    ),
    fc.constant(revoked),
  )
  .map((value) => ({
    // fast-check inspects the values that it holds, and a revoked proxy throws when inspected.
    make: (): unknown => (value === revoked ? revoked() : value),
  }));

function read(options: object, environment: Readonly<Record<string, string | undefined>> = {}) {
  return collectProblems(() => {
    const configuration = readConfiguration(options as never, { ...ON, USER: "u", ...environment });
    createRedactor(configuration.privacy);
    return configuration;
  });
}

const { result: usual } = read({ tier: "sidecar" });

function nest(name: string, value: unknown): object {
  const [group = "", member] = name.split(".");
  return { tier: "sidecar", [group]: member === undefined ? value : { [member]: value } };
}

function keysOf(value: object): readonly string[] {
  try {
    return Object.keys(value);
  } catch {
    return [];
  }
}

/** The variable that takes precedence over each of these, which the test therefore leaves unset. */
const BEFORE: Readonly<Record<string, string>> = {
  OTLPEnabled: "Emit",
  POSTHOG_API_KEY: "Authorize",
};

/** Whether a value counts as unset. */
const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === "string" && value.trim() === "");

describe.each(OPTIONS)("the option %s", (name) => {
  it("is used or reported as a problem, whatever its value, and never throws", () => {
    fc.assert(
      fc.property(anything, ({ make }) => {
        const value = make();
        const { result, problems } = read(nest(name, value));
        if (isNothing(value) || problems.length > 0) {
          for (const problem of problems) expect(problem).toMatch(/ is not usable; accepted: /);
          return;
        }
        // It is used: the sources name it, the configuration reflects it, or it equals the default.
        const isNamed = Object.values(result.sources).includes(name);
        const [group = ""] = name.split(".");
        const own = (configuration: object): unknown =>
          (configuration as Record<string, unknown>)[group];
        const isHeld = JSON.stringify(own(result)) !== JSON.stringify(own(usual));
        // It holds nothing, or nothing that can be read.
        const isEmpty =
          typeof value === "object" &&
          keysOf(value as object).every((key) => isNothing(readMember(value, key)));
        const isUsual = value === true || (name === "tier" && result.tier === "sidecar") || isEmpty;
        const isFunction =
          ["mirror", "privacy.redact"].includes(name) && typeof value === "function";
        expect([name, isNamed || isHeld || isUsual || isFunction]).toEqual([name, true]);
      }),
      { numRuns: 300 },
    );
  });
});

describe.each(VARIABLES)("the variable %s", (name) => {
  it("is used or reported as a problem, whatever it holds, and never throws", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 40 }),
      fc.constantFrom("::", "1", "-1", "0.5", "true", "none", "http://h", "a=b", "a=%0A", "gzip"),
      fc.double().map(String),
    );
    fc.assert(
      fc.property(text, (value) => {
        const { result, problems } = read(
          // An option takes precedence over its variable.
          name === "LAND_TELEMETRY_TIER" ? {} : { tier: "sidecar" },
          {
            [BEFORE[name] ?? "-"]: undefined,
            [name]: value,
          },
        );
        if (value.trim() === "" || problems.length > 0) return;
        const isNamed = Object.values(result.sources).includes(name);
        const isOff = [result.gates.otlp.by, result.gates.posthog.by].includes(name);
        const differs = JSON.stringify(result) !== JSON.stringify(usual);
        // A value equal to the default, or read elsewhere, leaves no trace here.
        const isElsewhere =
          /^(?:OTEL_(?:LOG_LEVEL|TRACES_SAMPLER|TRACES_SAMPLER_ARG)|POSTHOG_RELEASE_ID)$/.test(
            name,
          );
        const isSilent = /^(?:DO_NOT_TRACK|OTEL_SDK_DISABLED|OTEL_TRACES_EXPORTER)$/.test(name);
        expect([name, value, isNamed || isOff || differs || isElsewhere || isSilent]).toEqual([
          name,
          value,
          true,
        ]);
      }),
      { numRuns: 300 },
    );
  });
});

it("finds the variables that the pages on settings name", () => {
  expect(VARIABLES.length).toBeGreaterThan(40);
});
