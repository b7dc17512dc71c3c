import { batchEndpoint, tracesEndpoint } from "../../lib/config/endpoints.js";
import {
  parseBoolean,
  parseChoice,
  parseKeyPairs,
  parseNumber,
  parseProjectKey,
  parseText,
  parseUrl,
} from "../../lib/config/parsers.js";
import { keepDiagnostics } from "../support/diagnostics.js";

const { messages, stop } = keepDiagnostics();
beforeEach(() => (messages.length = 0));
afterAll(stop);

describe("a switch", () => {
  it.each([
    ["true", "On", "YES", "1", 1, true],
    ["false", "off", "NO", "0", 0, false],
  ])("has the words %s, %s, %s, %s and the values %s, %s", (...words) => {
    const expected = words.at(-1);
    expect(words.map((word) => parseBoolean("Capture", word))).toEqual(words.map(() => expected));
    expect(messages).toEqual([]);
  });

  it.each<unknown>(["maybe", "truest", 2, Number.NaN, {}, [true], () => true])(
    "is reported and left unset by %p",
    (value) => {
      expect(parseBoolean("Capture", value)).toBeUndefined();
      expect(messages).toEqual([
        expect.stringMatching(
          /^land-telemetry: Capture=.* is not usable; accepted: true, 1, on, yes, false, 0, off, no\. It is treated as unset\.$/,
        ),
      ]);
    },
  );
});

describe("a number", () => {
  it.each<[unknown, number]>([
    [5, 5],
    ["5", 5],
    ["2.5", 2.5],
    ["1e3", 1_000],
    [2 ** 31 - 1, 2 ** 31 - 1],
    [Number.MIN_VALUE, Number.MIN_VALUE],
  ])("may be %p", (value, number) => {
    expect(parseNumber("Buffer", value)).toBe(number);
    expect(messages).toEqual([]);
  });

  // A timer of more than 2^31 - 1 ms fires immediately.
  it.each<unknown>([
    0,
    "0",
    -1,
    "-1",
    Number.NaN,
    "abc",
    "5s",
    Infinity,
    "Infinity",
    2 ** 31,
    true,
    [5],
    new Date(5),
    {},
  ])("is reported and left unset by %p", (value) => {
    expect(parseNumber("Buffer", value)).toBeUndefined();
    expect(messages).toEqual([
      expect.stringMatching(
        /^land-telemetry: Buffer=.* accepted: a number above 0 and up to 2147483647\. It is treated as unset\.$/,
      ),
    ]);
  });
});

describe("a URL", () => {
  it.each([
    "http://127.0.0.1:4318",
    "https://eu.i.posthog.com/",
    "http://[::1]/prefix?token=1",
    "HTTPS://Host",
  ])("may be %p", (url) => {
    expect(parseUrl("Pipe", url)).toBe(url);
    expect(messages).toEqual([]);
  });

  it.each<unknown>([
    "localhost:4318",
    "ftp://host",
    "//host",
    "http://",
    "nonsense",
    4318,
    new URL("http://host"),
    {},
  ])("is reported and left unset by %p", (value) => {
    expect(parseUrl("Pipe", value)).toBeUndefined();
    expect(messages).toEqual([
      expect.stringMatching(
        /^land-telemetry: Pipe=.* accepted: an http:\/\/ or https:\/\/ URL\. It is treated as unset\.$/,
      ),
    ]);
  });

  it.each(["http://user:50%@host", "https://us%zzer@host"])(
    "is reported and left unset by %s, which node:http cannot request",
    (value) => {
      expect(parseUrl("Pipe", value)).toBeUndefined();
      expect(messages).toEqual([
        expect.stringMatching(
          /^land-telemetry: Pipe=.* whose credentials are percent-encoded, with a percent sign as %25\. It is treated as unset\.$/,
        ),
      ]);
    },
  );

  it.each([
    ["http://h", "http://h/v1/traces"],
    ["http://h/", "http://h/v1/traces"],
    ["http://h/otel//", "http://h/otel/v1/traces"],
    ["http://h/v1/traces", "http://h/v1/traces"],
    ["http://h/a/v1/traces/", "http://h/a/v1/traces"],
    ["http://h/dev1/traces", "http://h/dev1/traces/v1/traces"],
    ["http://h/a?key=1#part", "http://h/a/v1/traces?key=1"],
    ["http://user:word@h:1/a", "http://user:word@h:1/a/v1/traces"],
  ])("of a collector, %s, gets the path for traces: %s", (base, url) => {
    expect(tracesEndpoint(base)).toBe(url);
  });

  it.each([
    ["https://eu.i.posthog.com", "https://eu.i.posthog.com/batch/"],
    ["http://h/posthog/", "http://h/posthog/batch/"],
    ["http://h/batch", "http://h/batch/"],
    ["http://h/a/batch/", "http://h/a/batch/"],
    ["http://h/rebatch", "http://h/rebatch/batch/"],
    ["http://h/a?key=1#part", "http://h/a/batch/?key=1"],
  ])("of PostHog, %s, gets the path for batches: %s", (host, url) => {
    expect(batchEndpoint(host)).toBe(url);
  });
});

describe("key=value pairs", () => {
  it.each<[string, Record<string, string>]>([
    ["", {}],
    [" , ", {}],
    ["a=1", { a: "1" }],
    [" a = 1 , b = 2 ,", { a: "1", b: "2" }],
    ["a=", { a: "" }],
    ["a=x=y", { a: "x=y" }],
    ["Authorization=Basic%20YQ%3D%3D,a%2Cb=%C3%A4", { Authorization: "Basic YQ==", "a,b": "ä" }],
    ['a="quoted"', { a: "quoted" }],
    ["a=1,a=2", { a: "2" }],
  ])("in %p are read as %p", (text, pairs) => {
    expect(parseKeyPairs("OTEL_RESOURCE_ATTRIBUTES", text)).toEqual(pairs);
    expect(messages).toEqual([]);
  });

  it.each([
    ["secret", "…"],
    ["=secret", "…"],
    [" =secret", "…"],
    ["a=secret%", "a=…"],
    ["%=secret", "…"],
    ["__proto__=secret", "__proto__=…"],
    ["__%70roto__=secret", "__proto__=…"],
  ])("do not include %p, which is reported without its value", (pair, shown) => {
    const pairs = parseKeyPairs("OTEL_RESOURCE_ATTRIBUTES", `a=1,${pair},b=2`);
    expect(pairs).toEqual({ a: "1", b: "2" });
    expect(Object.getPrototypeOf(pairs)).toBe(Object.prototype);
    expect(messages).toEqual([
      `land-telemetry: OTEL_RESOURCE_ATTRIBUTES="${shown}" is not usable; accepted: key=value pairs, percent-encoded, separated by commas. The pair is left out.`,
    ]);
  });
});

describe("a string", () => {
  it("is required where a setting is text", () => {
    expect(parseText("app.name", "x")).toBe("x");
    expect(parseText("app.name", 5)).toBeUndefined();
    expect(messages).toEqual([
      "land-telemetry: app.name=5 is not usable; accepted: a string. It is treated as unset.",
    ]);
  });

  it("may be limited to a few words, in any case", () => {
    const parse = parseChoice(["gzip", "none"], "gzip");
    expect(["GZIP", "none"].map((word) => parse("OTEL_X", word))).toEqual(["gzip", "none"]);
    expect(messages).toEqual([]);
    expect(parse("OTEL_X", "zip")).toBeUndefined();
    expect(messages).toEqual([
      'land-telemetry: OTEL_X="zip" is not usable; accepted: gzip, none. gzip is used.',
    ]);
  });
});

describe("the project key", () => {
  it.each(["phc_a", `x${"y".repeat(255)}`, ""])("may be %p", (key) => {
    expect(parseProjectKey("Authorize", ` ${key} `)).toBe(key);
    expect(messages).toEqual([]);
  });

  it.each<[unknown, string]>([
    ["phc_secret with blanks", '"phc_…"'],
    ["phc_secret\u0000", '"phc_…"'],
    ["  phc_sécret", '"phc_…"'],
    ["p".repeat(257), '"…"'],
    ["phx_secretofaperson", '"phx_…"'],
    [7, "7"],
    [{}, "[object Object]"],
  ])("is left unset if it cannot be one, and is not printed: %p", (value, shown) => {
    expect(parseProjectKey("Authorize", value)).toBeUndefined();
    expect(messages).toEqual([
      `land-telemetry: Authorize=${shown} is not usable; accepted: a project key such as phc_…, not a personal API key, without blanks. The PostHog pipe is off.`,
    ]);
  });
});
