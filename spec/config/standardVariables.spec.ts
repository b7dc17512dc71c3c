import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generate } from "selfsigned";
import { readConfiguration } from "../../lib/config/readConfiguration.js";
import type { Environment } from "../../lib/config/SettingReader.js";
import { collectProblems } from "../../lib/shared/diagnostics.js";

const ON = { Capture: "1", Report: "1", Emit: "1", Authorize: "phc_key" };

function read(environment: Environment, options: object = {}) {
  const { result, problems } = collectProblems(() =>
    readConfiguration({ tier: "air", ...options } as never, { ...ON, ...environment }),
  );
  return { ...result, problems };
}

describe("headers", () => {
  it.each([
    ["api-key=abc%0A", "api-key"],
    ["api-key=abc%0d%0aHost:x", "api-key"],
    ["api-key=abc%00", "api-key"],
    ["api-key=%C4%80", "api-key"],
    ["api%20key=abc", "api key"],
    ["api%3Akey=abc", "api:key"],
    ["Content-Length=abc", "Content-Length"],
    ["transfer-encoding=abc", "transfer-encoding"],
    ["expect=abc", "expect"],
  ])("that HTTP cannot carry are each left out, and reported without value: %s", (pair, name) => {
    const { otlp, problems, gates } = read({ OTEL_EXPORTER_OTLP_HEADERS: `a=1,${pair},b=2` });
    expect(otlp.headers).toEqual({ a: "1", b: "2" });
    expect(gates.otlp.on).toBe(true);
    expect(problems).toEqual([
      expect.stringMatching(`^OTEL_EXPORTER_OTLP_HEADERS ${name}="…" is not usable; accepted: `),
    ]);
    expect(problems.join()).not.toContain("abc");
  });

  it("are one per name, whatever its case: the option wins, then traces, then the general variable", () => {
    const environment = {
      OTEL_EXPORTER_OTLP_HEADERS: "A=1,B=1,C=1",
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: "b=2,c=2",
    };
    const { otlp, problems } = read(environment, { otlp: { headers: { C: 3 } } });
    expect([otlp.headers, problems]).toEqual([{ a: "1", b: "2", c: "3" }, []]);
  });

  it.each<unknown>(["a=1", 5, ["a"], () => ({ a: "secret" }), new Map([["a", "secret"]])])(
    "must be an object: %p is reported, without its content",
    (headers) => {
      const { problems } = read({}, { otlp: { headers } });
      expect(problems.join()).toMatch(/^otlp\.headers/);
      expect(problems.join()).not.toContain("secret");
    },
  );

  it.each<unknown>([{}, undefined, Symbol("s"), ["x"], "a\nb"])(
    "cannot have the value %p",
    (value) => {
      const { otlp, problems } = read({}, { otlp: { headers: { ok: "1", bad: value } } });
      expect(otlp.headers).toEqual({ ok: "1" });
      expect(problems).toHaveLength(value === undefined ? 0 : 1);
    },
  );
});

describe("certificates", () => {
  let home: string;
  let pem: Readonly<Record<"key" | "cert" | "other", string>>;
  const file = (name: string, content: string): string => {
    writeFileSync(join(home, name), content);
    return join(home, name);
  };
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), "land-certificates-"));
    const [first, second] = await Promise.all(
      ["a", "b"].map((value) => generate([{ name: "commonName", value }], { keyType: "ec" })),
    );
    pem = { key: first?.private ?? "", cert: first?.cert ?? "", other: second?.private ?? "" };
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  it("are read from the files, those for traces first", () => {
    const [cert, key, none] = [file("c", pem.cert), file("k", pem.key), join(home, "none")];
    const { otlp, problems, sources } = read({
      OTEL_EXPORTER_OTLP_CERTIFICATE: none,
      OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: cert,
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: cert,
      OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY: key,
    });
    expect(problems).toEqual([]);
    expect(Object.entries(otlp.certificates).map(([name, pem]) => [name, String(pem)])).toEqual([
      ["ca", pem.cert],
      ["cert", pem.cert],
      ["key", pem.key],
    ]);
    expect(sources["otlp.certificate"]).toBe("OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE");
  });

  it.each<[string, string, () => Environment]>([
    ["a CA file that is not there", "CERTIFICATE", () => ({ CERTIFICATE: join(home, "none") })],
    ["a CA file without a certificate", "CERTIFICATE", () => ({ CERTIFICATE: file("x", "x") })],
    ["an empty CA file", "CERTIFICATE", () => ({ CERTIFICATE: file("e", "") })],
    ["a folder", "CERTIFICATE", () => ({ CERTIFICATE: home })],
    ["a device that never ends", "CERTIFICATE", () => ({ CERTIFICATE: "/dev/zero" })],
    ["a path with NUL", "CERTIFICATE", () => ({ CERTIFICATE: "a\0b" })],
    [
      "a certificate alone",
      "CLIENT_CERTIFICATE",
      () => ({ CLIENT_CERTIFICATE: file("c", pem.cert) }),
    ],
    ["a key alone", "CLIENT_KEY", () => ({ CLIENT_KEY: file("k", pem.key) })],
    [
      "a key that is none",
      "CLIENT_KEY",
      () => ({ CLIENT_CERTIFICATE: file("c", pem.cert), CLIENT_KEY: file("x", "x") }),
    ],
    [
      "another's key",
      "CLIENT_CERTIFICATE",
      () => ({ CLIENT_CERTIFICATE: file("c", pem.cert), CLIENT_KEY: file("o", pem.other) }),
    ],
  ])("that cannot be used turn the OTLP pipe off: %s", (_case, by, files) => {
    for (const prefix of ["OTEL_EXPORTER_OTLP_", "OTEL_EXPORTER_OTLP_TRACES_"]) {
      const { gates, problems } = read(
        Object.fromEntries(Object.entries(files()).map(([name, path]) => [prefix + name, path])),
      );
      expect([gates.otlp.on, gates.posthog.on]).toEqual([false, true]);
      expect(gates.otlp.by).toBe(prefix + by);
      expect(problems).toEqual([
        expect.stringMatching(`^${prefix}${by}=.* accepted: .* The otlp pipe is off\\.$`),
      ]);
    }
  });
});

describe("propagators", () => {
  it.each<[string | undefined, string[], string[]]>([
    [undefined, ["tracecontext", "baggage"], []],
    ["", ["tracecontext", "baggage"], []],
    ["tracecontext", ["tracecontext"], []],
    ["baggage", ["baggage"], []],
    [" Baggage , tracecontext,baggage", ["tracecontext", "baggage"], []],
    ["none", [], []],
    ["none,tracecontext", [], []],
    ["b3,tracecontext", ["tracecontext"], ['="b3" .* none. tracecontext is used']],
    [
      "b3,jaeger",
      ["tracecontext", "baggage"],
      ['="b3" .*tracecontext, baggage is used', '="jaeger" '],
    ],
  ])("for OTEL_PROPAGATORS=%s are %j", (value, used, says) => {
    const { propagators, problems } = read({ OTEL_PROPAGATORS: value });
    expect(propagators).toEqual(used);
    expect(problems).toEqual(
      says.map((each): unknown => expect.stringMatching(`^OTEL_PROPAGATORS${each}`)),
    );
  });
});

describe("the numeric variables of the SDK", () => {
  it.each<[string, string, (read: ReturnType<typeof readConfiguration>) => number, number]>([
    ["OTEL_BSP_MAX_QUEUE_SIZE", "7", ({ otlp }) => otlp.maxQueueSize, 2_048],
    ["OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "7", ({ otlp }) => otlp.maxExportBatchSize, 512],
    ["OTEL_BSP_SCHEDULE_DELAY", "0", ({ otlp }) => otlp.scheduledDelayMillis, 5_000],
    ["OTEL_BSP_EXPORT_TIMEOUT", "7", ({ otlp }) => otlp.exportTimeoutMillis, 30_000],
    ["OTEL_EXPORTER_OTLP_TIMEOUT", "7", ({ otlp }) => otlp.timeoutMs, 10_000],
    ["OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "7", ({ otlp }) => otlp.timeoutMs, 10_000],
    ["OTEL_ATTRIBUTE_COUNT_LIMIT", "0", ({ spanLimits }) => spanLimits.attributeCountLimit, 128],
    ["OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "7", (c) => c.spanLimits.attributeCountLimit, 128],
    [
      "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
      "7",
      (c) => c.spanLimits.attributeValueLengthLimit,
      Infinity,
    ],
    [
      "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT",
      "7",
      (c) => c.spanLimits.attributeValueLengthLimit,
      Infinity,
    ],
    ["OTEL_SPAN_LINK_COUNT_LIMIT", "7", ({ spanLimits }) => spanLimits.linkCountLimit, 128],
    ["OTEL_SPAN_EVENT_COUNT_LIMIT", "7", ({ spanLimits }) => spanLimits.eventCountLimit, 128],
    [
      "OTEL_SPAN_ATTRIBUTE_PER_EVENT_COUNT_LIMIT",
      "7",
      (c) => c.spanLimits.attributePerEventCountLimit,
      128,
    ],
    [
      "OTEL_SPAN_ATTRIBUTE_PER_LINK_COUNT_LIMIT",
      "7",
      (c) => c.spanLimits.attributePerLinkCountLimit,
      128,
    ],
    ["OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "7", (c) => c.spanLimits.attributePerEventCountLimit, 128],
    ["OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", "7", (c) => c.spanLimits.attributePerLinkCountLimit, 128],
  ])("%s: %s is used; an unusable number is reported", (name, usable, number, fallback) => {
    expect(number(read({}))).toBe(fallback);
    const used = read({ [name]: ` ${usable} ` });
    expect([number(used), used.problems]).toEqual([Number(usable), []]);
    for (const unusable of ["abc", "-1", "NaN", "1e99", `${2 ** 31}`]) {
      const left = read({ [name]: unusable });
      expect([name, number(left)]).toEqual([name, fallback]);
      expect(left.problems).toEqual([
        expect.stringMatching(`^${name}="${unusable}" is not usable`),
      ]);
    }
  });

  it("for spans win over the general ones, which replace an unusable one", () => {
    const environment = { OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: "3", OTEL_ATTRIBUTE_COUNT_LIMIT: "9" };
    expect(read(environment).spanLimits.attributeCountLimit).toBe(3);
    const left = read({ ...environment, OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: "x" });
    expect(left.spanLimits.attributeCountLimit).toBe(9);
    expect(left.problems[0]).toMatch(/OTEL_ATTRIBUTE_COUNT_LIMIT is read instead\.$/);
  });
});

describe("the sampler variables", () => {
  it.each<[Environment, RegExp | undefined]>([
    [{}, undefined],
    [{ OTEL_TRACES_SAMPLER: "always_off", OTEL_TRACES_SAMPLER_ARG: "x" }, undefined],
    [{ OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.5" }, undefined],
    [{ OTEL_TRACES_SAMPLER: "sometimes" }, /^OTEL_TRACES_SAMPLER="sometimes" .*parentbased_al/],
    [{ OTEL_TRACES_SAMPLER: "ALWAYS_OFF" }, /^OTEL_TRACES_SAMPLER="ALWAYS_OFF" /],
    [{ OTEL_TRACES_SAMPLER: "traceidratio" }, /^OTEL_TRACES_SAMPLER_ARG=.* 1 is used/],
    [
      { OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "2" },
      /^OTEL_TRACES_SAMPLER_ARG="2" .*from 0 to 1/,
    ],
  ])("are checked, unless an option gives the sampler: %j", (environment, problem) => {
    expect(read(environment).problems).toEqual(problem ? [expect.stringMatching(problem)] : []);
    const sampler = { shouldSample: () => ({ decision: 2 }) };
    expect(read(environment, { sampler }).problems).toEqual([]);
  });
});

it.each(["OTEL_CONFIG_FILE", "OTEL_EXPERIMENTAL_CONFIG_FILE", "POSTHOG_CAPTURE_MODE"])(
  "%s is reported as not read if it is set",
  (name) => {
    expect(read({ [name]: "x" }).problems).toEqual([expect.stringContaining(`${name}="x"`)]);
    expect(read({ [name]: " " }).problems).toEqual([]);
  },
);

it("POSTHOG_RELEASE_ID is not reported: posthog-node reads it", () =>
  expect(read({ POSTHOG_RELEASE_ID: "x" }).problems).toEqual([]));
