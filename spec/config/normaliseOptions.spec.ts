import { normaliseOptions } from "../../lib/config/normaliseOptions.js";
import { keepDiagnostics } from "../support/diagnostics.js";

const { messages, stop } = keepDiagnostics();
beforeEach(() => (messages.length = 0));
afterAll(stop);

const throwing = (): never => {
  throw new Error("hostile");
};

describe("the argument of register", () => {
  it("is read as options: known ones are kept, an unknown one is reported", () => {
    const sampler = { shouldSample: () => ({ decision: 2 }) };
    const given = {
      tier: "cocoon",
      capture: true,
      mirror: ["error"],
      sampler,
      spanProcessors: [],
      resourceAttributes: { a: 1 },
      baggageAttributes: ["b"],
      shutdownTimeoutMs: 100,
      app: { name: "x" },
      posthog: { key: "phc_a" },
      otlp: { headers: { a: "1" } },
      throttle: { errorCap: 1 },
      spool: { directory: "/d" },
      privacy: { denyKeys: [] },
      processHooks: { exit: false },
    };
    expect(normaliseOptions(given)).toEqual(given);
    expect(normaliseOptions(given).sampler).toBe(sampler);
    expect(messages).toEqual([]);
    expect(normaliseOptions({ ...given, unknown: 1 })).toEqual(given);
    expect(messages).toEqual([expect.stringContaining("unknown=")]);
  });

  it("is copied, so that the caller's later changes to nested values have no effect", () => {
    const given = {
      tier: "cocoon",
      mirror: ["error"],
      baggageAttributes: ["b"],
      resourceAttributes: { team: "one", list: ["a"] },
      otlp: { headers: { "x-a": "one" } },
      privacy: { denyKeys: ["secret"] },
    };
    const before = structuredClone(given);
    const options = normaliseOptions(given);
    given.mirror.push("session");
    given.baggageAttributes.length = 0;
    given.resourceAttributes.team = "another";
    given.resourceAttributes.list.push("b");
    given.otlp.headers["x-a"] = "another";
    given.privacy.denyKeys.length = 0;
    expect(options).toEqual(before);
  });

  it("keeps a processor itself, which may be recognised by its identity", () => {
    const processor = { onStart: () => undefined };
    expect(
      (normaliseOptions({ tier: "cocoon", spanProcessors: [processor] }).spanProcessors ?? [])[0],
    ).toBe(processor);
  });

  it.each<unknown>(["cocoon", undefined, null, 3, () => undefined])(
    "is treated as a tier if it is %p",
    (given) => {
      expect(normaliseOptions(given)).toEqual({ tier: given });
    },
  );

  it("may turn spool, privacy and process hooks on or off as a whole, but no other group", () => {
    expect(normaliseOptions({ spool: false, privacy: false, processHooks: true })).toEqual({
      spool: false,
      privacy: false,
      processHooks: true,
    });
    expect(messages).toEqual([]);
    expect(
      normaliseOptions({ otlp: true, posthog: false, app: "x", throttle: 5, spool: "/d" }),
    ).toEqual({});
    expect(messages).toEqual([
      'land-telemetry: app="x" is not usable; accepted: an object. It is left out.',
      "land-telemetry: posthog=false is not usable; accepted: an object. The posthog pipe is off.",
      "land-telemetry: otlp=true is not usable; accepted: an object. The otlp pipe is off.",
      "land-telemetry: throttle=5 is not usable; accepted: an object. It is left out.",
      'land-telemetry: spool="/d" is not usable; accepted: an object. It is left out.',
    ]);
  });

  it("is read once, so that a key changed afterwards has no effect", () => {
    const posthog = { key: "phc_a" };
    const options = normaliseOptions({ posthog });
    posthog.key = "phc_b";
    expect(options.posthog).toEqual({ key: "phc_a" });
  });

  it("loses any member that throws when read, which is reported, and keeps the rest", () => {
    const posthog = Object.defineProperty({ host: "http://h" }, "key", {
      enumerable: true,
      get: throwing,
    });
    const given = Object.defineProperty(
      { tier: "cocoon", posthog, otlp: new Proxy({}, { ownKeys: throwing }) },
      "capture",
      { enumerable: true, get: throwing },
    );
    expect(normaliseOptions(given)).toEqual({
      tier: "cocoon",
      posthog: { host: "http://h" },
      otlp: {},
    });
    expect(messages).toEqual(
      ["capture", "posthog.key"].map(
        (key) =>
          `land-telemetry: ${key}="…" is not usable; accepted: a readable property. It is left out.`,
      ),
    );
  });

  it("gets no member for an option given as undefined", () => {
    expect(
      Object.keys(
        normaliseOptions({
          tier: "cocoon",
          capture: undefined,
          posthog: undefined,
          otlp: { endpoint: undefined },
        }),
      ),
    ).toEqual(["tier", "otlp"]);
    expect(Object.keys(normaliseOptions({ otlp: { endpoint: undefined } }).otlp ?? {})).toEqual([]);
  });
});
