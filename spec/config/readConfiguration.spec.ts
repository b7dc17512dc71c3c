import { diag, DiagLogLevel } from "@opentelemetry/api";
import { readConfiguration } from "../../lib/config/readConfiguration.js";
import type { TelemetryOptions } from "../../lib/config/TelemetryOptions.js";
import { Tier } from "../../lib/resource/Tier.js";
import { withEnvironment } from "../support/withEnvironment.js";
import { exactly } from "../support/exactly.js";

type Environment = Record<string, string>;

const ON: Environment = { Capture: "true", Report: "true", Emit: "true", Authorize: "phc_key" };
const warnings: string[] = [];

beforeEach(() => {
  warnings.length = 0;
  const keep = (message: string): void => void warnings.push(message);
  const silent = (): void => undefined;
  diag.setLogger(
    { warn: keep, error: keep, info: silent, debug: silent, verbose: silent },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
});
afterAll(() => diag.disable());

const read = (env: Environment = ON, options: Partial<TelemetryOptions> = {}) =>
  readConfiguration({ tier: Tier.Air, ...options }, env);
const gates = (env: Environment, options?: Partial<TelemetryOptions>) => {
  const { posthog, otlp } = read(env, options).gates;
  return [posthog.on, otlp.on];
};

describe("gates", () => {
  it.each([
    ["nothing", {}, [false, false]],
    ["all three", ON, [true, true]],
    ["no Capture", { ...ON, Capture: "" }, [false, false]],
    ["no Report", { ...ON, Report: "" }, [false, true]],
    ["no Emit", { ...ON, Emit: "" }, [true, false]],
    ["no key", { ...ON, Authorize: "" }, [false, true]],
    ["the older name of Emit", { ...ON, Emit: "", OTLPEnabled: "yes" }, [true, true]],
    ["an older off beside a newer on", { ...ON, OTLPEnabled: "false" }, [true, false]],
    ["the SDK disabled", { ...ON, OTEL_SDK_DISABLED: "TRUE" }, [false, false]],
    ["the SDK switch with another value", { ...ON, OTEL_SDK_DISABLED: "1" }, [true, true]],
    ["no traces exporter", { ...ON, OTEL_TRACES_EXPORTER: "none" }, [true, false]],
  ])("with %s", (_case, env: Environment, expected) => {
    expect(gates(env)).toEqual(expected);
  });

  it.each(["false", " FALSE ", "0", "Off", "no"])("read %p as off", (word) => {
    expect(gates({ ...ON, Capture: word })).toEqual([false, false]);
  });

  it.each(["true", " TRUE ", "1", "On", "yes"])("read %p as on", (word) => {
    expect(gates({ ...ON, Capture: word })).toEqual([true, true]);
  });

  it("let an explicit off win over any on, in an option or a variable", () => {
    expect(gates({ ...ON, Capture: "false" }, { capture: true })).toEqual([false, false]);
    expect(gates(ON, { capture: false })).toEqual([false, false]);
    expect(gates(ON, { posthog: { enabled: false } })).toEqual([false, true]);
    expect(gates({ ...ON, Report: "off" }, { posthog: { enabled: true } })).toEqual([false, true]);
  });

  it("distinguish an opt-out from a switch that nobody set", () => {
    expect(read({ ...ON, Capture: "" }).gates.otlp.optedOut).toBe(false);
    expect(read({ ...ON, Capture: "no" }).gates.otlp.optedOut).toBe(true);
    expect(read({ ...ON, Emit: "no" }).gates).toMatchObject({
      otlp: { optedOut: true },
      posthog: { optedOut: false },
    });
  });

  it("say in one sentence why a pipe is off", () => {
    expect(read({ ...ON, Report: "" }).gates.posthog.reason).toBe(
      "posthog is off: Report is not set",
    );
    expect(read({ ...ON, Capture: "off" }).gates.otlp.reason).toBe(
      "otlp is off: Capture turns it off",
    );
    expect(read({ ...ON, Authorize: " " }).gates.posthog.reason).toBe(
      "posthog is off: Authorize holds no usable key",
    );
  });

  it("are opened by options alone, without any variable", () => {
    expect(
      gates(
        {},
        { capture: true, otlp: { enabled: true }, posthog: { enabled: true, key: "phc_x" } },
      ),
    ).toEqual([true, true]);
  });
});

describe("precedence: options, Land's newer and older names, the standard variables, defaults", () => {
  it.each<[string, Environment, Partial<TelemetryOptions>, string | undefined]>([
    ["default", {}, {}, "http://127.0.0.1:4318/v1/traces"],
    [
      "the standard variables, that of traces first and as it is",
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://t/x", OTEL_EXPORTER_OTLP_ENDPOINT: "http://g" },
      {},
      "http://t/x",
    ],
    [
      "older Land name",
      { OTLPEndpoint: "http://old:1", OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://t" },
      {},
      "http://old:1/v1/traces",
    ],
    [
      "newer Land name",
      { Pipe: "http://new:1/prefix", OTLPEndpoint: "http://old:1" },
      {},
      "http://new:1/prefix/v1/traces",
    ],
    [
      "a path that already ends so",
      { Pipe: "http://new:1/a/v1/traces/" },
      {},
      "http://new:1/a/v1/traces",
    ],
    [
      "option",
      { Pipe: "http://new:1" },
      { otlp: { endpoint: "https://option" } },
      "https://option/v1/traces",
    ],
    [
      "none, after an unusable newer name: what was meant for it must not go to the older one",
      { Pipe: "::", OTLPEndpoint: "http://old:1" },
      {},
      "",
    ],
  ])("decides the endpoint: %s", (_case, env, options, url) => {
    expect(read({ ...ON, ...env }, options).otlp.url).toBe(url);
  });

  it("decides the host, the key and the distinct id", () => {
    expect(read().posthog).toMatchObject({ host: "https://eu.i.posthog.com", key: "phc_key" });
    expect(
      read({ ...ON, POSTHOG_HOST: "http://p/x", POSTHOG_API_KEY: "phc_other" }).posthog,
    ).toMatchObject({ host: "http://p/x", key: "phc_key" });
    expect(
      read(
        { ...ON, Beam: "http://b", POSTHOG_HOST: "http://p" },
        { posthog: { key: "phc_o", distinctId: "me" } },
      ).posthog,
    ).toMatchObject({ host: "http://b", key: "phc_o", distinctId: "me" });
    expect(read({ ...ON, Brand: " you " }).posthog.distinctId).toBe("you");
    expect(read({ ...ON, USER: "ada" }).posthog.distinctId).toBe("land-dev-ada");
    expect(read({ ...ON, USERNAME: "bob" }).posthog.distinctId).toBe("land-dev-bob");
    expect(read(ON).posthog.distinctId).toMatch(/^land-dev-.+/);
  });

  it("decides numbers, headers, the protocol and the resource", () => {
    expect(read().posthog).toMatchObject({ flushInterval: 3000, flushAt: 20 });
    expect(read({ ...ON, Buffer: "50", Batch: "7", Throttle: "9", Cap: "11" })).toMatchObject({
      posthog: { flushInterval: 50, flushAt: 7 },
      throttle: { perSecond: 9, errorCap: 11, completionsPerSecond: 9 },
    });
    expect(read().otlp).toMatchObject({
      headers: exactly({}),
      protocol: "http/json",
      timeoutMs: 10_000,
    });
    const configuration = read(
      {
        ...ON,
        OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
        OTEL_SERVICE_NAME: "mine",
        OTEL_RESOURCE_ATTRIBUTES: "team=core",
      },
      { otlp: { headers: { a: "1", b: "x y", c: 3 as never, d: {} as never }, timeoutMs: 1234 } },
    );
    expect(configuration).toMatchObject({
      otlp: { headers: { a: "1", b: "x y", c: "3" }, protocol: "http/protobuf", timeoutMs: 1234 },
      serviceName: "mine",
      resourceAttributes: { team: "core" },
    });
  });

  it("puts OTEL_SERVICE_NAME before a service.name resource attribute, and the option before both", () => {
    const env = {
      ...ON,
      OTEL_SERVICE_NAME: "mine",
      OTEL_RESOURCE_ATTRIBUTES: "service.name=other,a=b",
    };
    expect(read(env).resourceAttributes).toEqual({ "service.name": "mine", a: "b" });
    expect(
      read(env, { resourceAttributes: { "service.name": "option" } }).resourceAttributes,
    ).toMatchObject({ "service.name": "option" });
  });

  it("shows in the source recorded for each setting", () => {
    const { sources } = read(
      { ...ON, Pipe: "http://x", Buffer: "5" },
      { posthog: { host: "http://h" } },
    );
    expect(sources).toMatchObject({
      "posthog.host": "posthog.host",
      "posthog.flushInterval": "Buffer",
      "posthog.flushAt": "default",
      "posthog.key": "Authorize",
      capture: "Capture",
    });
  });
});

describe("the configuration", () => {
  it.each<[string, Environment, Partial<TelemetryOptions>, RegExp]>([
    [
      "an unknown tier",
      {},
      { tier: "venus" as Tier },
      /tier="venus" .*mountain, air.*sidecar is used/,
    ],
    ["an unparsable URL", { Pipe: "not a url" }, {}, /Pipe="not a url" .*http:\/\/ or https:\/\//],
    ["a URL of another scheme", { Beam: "ftp://x" }, {}, /Beam="ftp:\/\/x"/],
    [
      "a key with blanks",
      { Authorize: "phc_a secret key" },
      {},
      /Authorize="phc_…" .*without blanks.*PostHog pipe is off/,
    ],
    ["a number that is none", { Buffer: "abc" }, {}, /Buffer="abc" .*number above 0/],
    ["a number below 1", { Batch: "-3" }, {}, /Batch="-3"/],
    ["a switch that is none", { Emit: "maybe" }, {}, /Emit="maybe" .*true, 1, on, yes/],
    [
      "an unknown protocol",
      { OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" },
      {},
      /OTEL_EXPORTER_OTLP_PROTOCOL="grpc" .*http\/json, http\/protobuf/,
    ],
    [
      "an unknown mirror kind",
      {},
      { mirror: ["errors"] as never },
      /mirror=.*error, session, handler/,
    ],
  ])(
    "reports %s in one message, with its name, its value and what is accepted",
    (_case, env, options, message) => {
      read({ ...ON, ...env }, options);
      expect(warnings).toEqual([expect.stringMatching(message)]);
    },
  );

  it("does not print an unusable key", () => {
    read({ ...ON, Authorize: "phc_a secret key" });
    expect(warnings.join()).not.toContain("secret");
  });

  it("survives hostile options", () => {
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error("no");
        },
        ownKeys: () => {
          throw new Error("no");
        },
      },
    );
    for (const options of [
      null,
      3,
      [],
      hostile,
      { tier: Tier.Air, posthog: hostile, otlp: [], app: "x" },
    ]) {
      expect(() => readConfiguration(options as TelemetryOptions, ON)).not.toThrow();
    }
  });

  it("is frozen, as are all its parts", () => {
    const configuration = read(ON, {
      otlp: { headers: { a: "1" } },
      mirror: ["error"],
      privacy: { denyKeys: ["a"] },
      resourceAttributes: { a: ["b"] },
      processHooks: { signals: ["SIGTERM"] },
      spanProcessors: [],
    });
    const thawed = (value: unknown, path: string): string[] =>
      typeof value !== "object" || value === null
        ? []
        : [
            ...(Object.isFrozen(value) ? [] : [path]),
            ...Object.entries(value).flatMap(([key, inner]) => thawed(inner, `${path}.${key}`)),
          ];
    expect(thawed(configuration, "configuration")).toEqual([]);
    expect(thawed(read(), "configuration")).toEqual([]);
  });

  it("does not freeze or copy the host's own objects", () => {
    const sampler = { shouldSample: () => ({ decision: 2 }) };
    const nothing = () => undefined;
    const processor = {
      onStart: nothing,
      onEnd: nothing,
      forceFlush: nothing,
      shutdown: nothing,
    } as never;
    const pattern = /a/g;
    const mirror = () => true;
    const configuration = read(ON, {
      sampler,
      mirror,
      spanProcessors: [processor],
      privacy: { patterns: [pattern] },
    });
    expect(configuration.sampler).toBe(sampler);
    expect(configuration.mirror).toBe(mirror);
    expect(configuration.spanProcessors[0]).toBe(processor);
    for (const own of [sampler, mirror, processor, pattern])
      expect(Object.isFrozen(own)).toBe(false);
  });
});

describe("redaction", () => {
  it("is on, with the options given, unless it is turned off", () => {
    expect(read().privacy).toEqual({ enabled: true });
    expect(read(ON, { privacy: { denyKeys: ["a"] } }).privacy).toEqual({ denyKeys: ["a"] });
    expect(read(ON, { privacy: false }).privacy).toEqual({ enabled: false });
    expect(read(ON, { privacy: "no" as never }).privacy).toEqual({ enabled: true });
  });
});

describe("the environment", () => {
  it("is that of the process unless another is given", () => {
    const restore = withEnvironment({ Buffer: "77" });
    expect(readConfiguration(Tier.Air).posthog.flushInterval).toBe(77);
    restore();
  });
});
