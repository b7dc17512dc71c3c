import { isThisMachine } from "../../lib/config/endpoints.js";
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

describe("a destination that is set but not understood", () => {
  it.each<[pipe: "otlp" | "posthog", by: string, Environment, options: object]>([
    ["posthog", "Beam", { Beam: "posthog.internal:8000" }, {}],
    ["posthog", "Beam", { Beam: "posthog.internal:8000", POSTHOG_HOST: "http://other" }, {}],
    ["posthog", "POSTHOG_HOST", { POSTHOG_HOST: "ftp://h" }, {}],
    ["posthog", "posthog.host", { Beam: "http://h" }, { posthog: { host: "h:1" } }],
    ["posthog", "posthog.host", {}, { posthog: { host: new URL("http://h") } }],
    ["posthog", "posthog.host", {}, { posthog: { host: 5 } }],
    ["posthog", "posthog", {}, { posthog: "http://h" }],
    ["posthog", "posthog", {}, { posthog: ["http://h"] }],
    ["posthog", "posthog", {}, { posthog: () => ({}) }],
    ["posthog", "posthog.url", {}, { posthog: { url: "http://h" } }],
    ["posthog", "posthog.hosst", {}, { posthog: { hosst: "h" } }],
    ["posthog", "posthog.api_host", {}, { posthog: { api_host: "h" } }],
    ["posthog", "posthog.where", {}, { posthog: { where: "https://h" } }],
    ["posthog", "posthog.where", {}, { posthog: { where: new URL("https://h") } }],
    ["posthog", "posthog.disabled", {}, { posthog: { disabled: true } }],
    ["posthog", "host", {}, { host: "h" }],
    ["otlp", "Pipe", { Pipe: "collector:4318", OTEL_EXPORTER_OTLP_ENDPOINT: "http://o" }, {}],
    ["otlp", "OTLPEndpoint", { OTLPEndpoint: "//c" }, {}],
    ["otlp", "OTEL_EXPORTER_OTLP_ENDPOINT", { OTEL_EXPORTER_OTLP_ENDPOINT: "c:1" }, {}],
    [
      "otlp",
      "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "c:1", OTEL_EXPORTER_OTLP_ENDPOINT: "http://o" },
      {},
    ],
    ["otlp", "otlp", {}, { otlp: "http://c" }],
    ["otlp", "otlp.url", {}, { otlp: { url: "http://c" } }],
    ["otlp", "otlp.Endpoint", {}, { otlp: { Endpoint: "http://c" } }],
    ["otlp", "endpoint", {}, { endpoint: "http://c" }],
  ])("turns %s off, which says %s: %j %j", (pipe, by, environment, options) => {
    const { gates, problems, otlp, posthog } = read(environment, options);
    const other = pipe === "otlp" ? "posthog" : "otlp";
    expect(gates[pipe]).toMatchObject({ on: false, optedOut: false, by });
    expect(gates[other].on).toBe(true);
    expect(problems).toEqual([expect.stringContaining(`The ${pipe} pipe is off.`)]);
    expect(problems[0]?.startsWith(`${by}=`)).toBe(true);
    // There must be no place to send to, even by mistake.
    if (by === "Beam") expect(posthog.host).toBe("");
    if (by === "Pipe") expect(otlp.url).toBe("");
  });

  it("turns both pipes off if it belongs to neither", () => {
    const { gates } = read({}, { collector: "http://c" });
    expect([gates.otlp.on, gates.posthog.on]).toEqual([false, false]);
  });

  it("is not an empty one, for which the default is used", () => {
    const options = { posthog: { host: "" }, otlp: { endpoint: null } };
    const { gates, problems, posthog, otlp } = read({ Beam: " ", Pipe: "" }, options);
    expect([gates.otlp.on, gates.posthog.on, problems]).toEqual([true, true, []]);
    expect(posthog.host).toBe("https://eu.i.posthog.com");
    expect(otlp.url).toBe("http://127.0.0.1:4318/v1/traces");
  });

  it("may be in options that cannot be read, which turn only their own pipe off", () => {
    const unreadable = Proxy.revocable({}, {});
    unreadable.revoke();
    const { gates } = read({}, { posthog: unreadable.proxy });
    expect([gates.otlp.on, gates.posthog.on]).toEqual([true, false]);
  });
});

describe("an unknown option", () => {
  it.each([
    [{ otlp: { timeoutMillis: 5 } }, "otlp.timeoutMillis", "the closest is otlp.timeoutMs"],
    [{ otlp: { header: {} } }, "otlp.header", "the closest is otlp.headers"],
    [{ posthog: { apiKey: "phc_secret" } }, "posthog.apiKey", "the closest is posthog.key"],
    [{ posthog: { flush_at: 5 } }, "posthog.flush_at", "the closest is posthog.flushAt"],
    [{ spool: { dir: "/d" } }, "spool.dir", "spool.directory, spool.maxBytes, spool.maxAgeMs"],
    [{ flushAt: 5 }, "flushAt", "the closest is posthog.flushAt"],
    [{ sampelr: 1 }, "sampelr", "the closest is sampler"],
    [{ teir: "cocoon" }, "teir", "the closest is tier"],
    [{ processHooks: { exits: true } }, "processHooks.exits", "the closest is processHooks.exit"],
  ])("is reported with the nearest known name and without its value: %j", (options, name, hint) => {
    const { problems } = read({}, options);
    expect(problems).toEqual([
      expect.stringMatching(`^${name}="…" is not usable; accepted: .*${hint}.* It is left out`),
    ]);
  });

  it("is not reported as left out if it turns a pipe off", () => {
    const { problems } = read({}, { otlp: { url: "http://h.example" } });
    expect(problems).toEqual([
      expect.stringMatching(/the closest is otlp.endpoint\. The otlp pipe is off\.$/),
    ]);
    expect(problems.join()).not.toContain("left out");
  });

  it("is reported at most 20 times, with its name cut short", () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`${i}-`.repeat(99), i]));
    const { problems } = read({}, many);
    expect(problems).toHaveLength(20);
    for (const problem of problems) expect(problem.length).toBeLessThan(500);
  });
});

describe("an unusable URL in a message", () => {
  it.each([
    ["posthog.internal:8000", "posthog.internal:8000"],
    ["ftp://user:secret@h.example/secret", "ftp://…@h.example…"],
    ["https://user:sec%ret@h.example/", "https://…@h.example…"],
    ["http://h.example:99999/secret?secret", "http://h.example:99999…"],
    ["user:sec/ret@h:1", "…@h:1"],
    ["https:user:secret", "…"],
    ["phc_secret0123456789abcdef", "…"],
    ["not a url", "not a url"],
  ])("%s is shown as %s", (given, shown) => {
    const { problems } = read({ Beam: given });
    expect(problems).toEqual([expect.stringMatching(/^Beam="/)]);
    expect(problems[0]?.slice(6).split('" is not')[0]).toBe(shown);
    expect(problems.join()).not.toContain("secret");
  });
});

describe("a standard switch", () => {
  it.each([
    ["1", false],
    ["true", false],
    [" Yes ", false],
    ["please", false],
    ["0", true],
    ["false", true],
    ["", true],
  ])("DO_NOT_TRACK=%s leaves both pipes on: %p", (value, on) => {
    const { gates } = read({ DO_NOT_TRACK: value }, { capture: true });
    for (const gate of [gates.otlp, gates.posthog])
      expect([gate.on, gate.optedOut, gate.by]).toEqual([on, !on, on ? "" : "DO_NOT_TRACK"]);
  });

  it.each([
    ["OTEL_SDK_DISABLED", "1", "accepted: true, false. false is used."],
    ["OTEL_TRACES_EXPORTER", "console", "accepted: none, otlp. otlp is used."],
  ])("that holds an unusable value is reported: %s=%s", (name, value, says) => {
    expect(read({ [name]: value }).problems).toEqual([`${name}="${value}" is not usable; ${says}`]);
  });
});

describe("this machine itself", () => {
  it.each([
    "http://localhost",
    "http://LOCALHOST.:1",
    "http://a.localhost/x",
    "http://127.0.0.1",
    "http://127.1",
    "http://2130706433",
    "http://0x7f.1",
    "https://[::1]:4318",
    "http://[0:0:0:0:0:0:0:1]",
  ])("is %s", (url) => {
    expect(isThisMachine(url)).toBe(true);
  });

  it.each([
    "http://127.example.org",
    "http://localhost.example.org",
    "http://127.0.0.1.example.org",
    "http://notlocalhost",
    "http://128.0.0.1",
    "http://[::2]",
    "http://user@example.org?localhost",
    "http://localhost@example.org",
    "",
    "127.0.0.1",
  ])("is not %s", (url) => {
    expect(isThisMachine(url)).toBe(false);
  });
});
