import { readGates } from "../../lib/config/readGates.js";
import { SettingReader } from "../../lib/config/SettingReader.js";
import type { TelemetryOptions } from "../../lib/config/TelemetryOptions.js";

const ON = { Capture: "1", Report: "1", Emit: "1", Authorize: "phc_a" };
const read = (environment: Record<string, string>, options: Partial<TelemetryOptions> = {}) =>
  readGates(new SettingReader({ tier: "cocoon", ...options }, environment)).gates;

describe("a pipe", () => {
  it("is on when both switches are, and says so", () => {
    expect(read(ON)).toEqual({
      posthog: { on: true, optedOut: false, reason: "posthog is on", cause: "", by: "" },
      otlp: { on: true, optedOut: false, reason: "otlp is on", cause: "", by: "" },
    });
  });

  it.each<[string, Record<string, string>, Partial<TelemetryOptions>, string, string]>([
    [
      "nothing is set",
      {},
      {},
      "posthog is off: Capture is not set",
      "otlp is off: Capture is not set",
    ],
    [
      "only Capture is set",
      { Capture: "1" },
      {},
      "posthog is off: Report is not set",
      "otlp is off: Emit is not set",
    ],
    [
      "Capture is not set",
      { ...ON, Capture: "" },
      {},
      "posthog is off: Capture is not set",
      "otlp is off: Capture is not set",
    ],
    [
      "other words are set, and one is nearly Capture",
      { ...ON, Capture: "", Captur: "1", Record: "1", Cap: "7" },
      {},
      "posthog is off: Capture is not set (Captur is, but nothing reads it)",
      "otlp is off: Capture is not set (Captur is, but nothing reads it)",
    ],
    [
      "two are in capitals",
      { Capture: "1", Report: "1", AUTHORIZE: "phc_a", EMIT: "1", REPORT: "" },
      {},
      "posthog is off: Authorize is not set (AUTHORIZE is, but nothing reads it)",
      "otlp is off: Emit is not set (EMIT is, but nothing reads it)",
    ],
    [
      "Record is set, which is nearly Report and a word of its own",
      { Capture: "1", Record: "1" },
      {},
      "posthog is off: Report is not set",
      "otlp is off: Emit is not set",
    ],
    [
      "the switches hold what is no yes and no no",
      { Capture: "1", Report: "maybe", LAND_TELEMETRY_EMIT: "2", Emit: "1" },
      {},
      "posthog is off: Report holds no usable value",
      "otlp is off: LAND_TELEMETRY_EMIT holds no usable value",
    ],
    [
      "the main switch does, in an option",
      { Report: "1", Emit: "1" },
      { capture: "maybe" as unknown as boolean },
      "posthog is off: the option capture holds no usable value",
      "otlp is off: the option capture holds no usable value",
    ],
    [
      "Capture says no",
      { ...ON, Capture: "0", Report: "0" },
      {},
      "posthog is off: Capture turns it off",
      "otlp is off: Capture turns it off",
    ],
    [
      "the option says no",
      ON,
      { capture: false },
      "posthog is off: the option capture turns it off",
      "otlp is off: the option capture turns it off",
    ],
    [
      "the SDK is disabled",
      { ...ON, OTEL_SDK_DISABLED: " True " },
      {},
      "posthog is off: OTEL_SDK_DISABLED turns it off",
      "otlp is off: OTEL_SDK_DISABLED turns it off",
    ],
    [
      "the own switches say no",
      { ...ON, Report: "no", OTLPEnabled: "no" },
      {},
      "posthog is off: Report turns it off",
      "otlp is off: OTLPEnabled turns it off",
    ],
    [
      "the own options say no",
      ON,
      { posthog: { enabled: false }, otlp: { enabled: false } },
      "posthog is off: the option posthog.enabled turns it off",
      "otlp is off: the option otlp.enabled turns it off",
    ],
    [
      "there is no key and no exporter",
      { ...ON, Authorize: "", OTEL_TRACES_EXPORTER: " None " },
      {},
      "posthog is off: Authorize holds no usable key",
      "otlp is off: OTEL_TRACES_EXPORTER turns it off",
    ],
  ])("is off, and says why, when %s", (_case, environment, options, posthog, otlp) => {
    const gates = read(environment, options);
    expect([gates.posthog.reason, gates.otlp.reason]).toEqual([posthog, otlp]);
    expect([gates.posthog.on, gates.otlp.on]).toEqual([false, false]);
    const named = [posthog, otlp].map((reason) => reason.replace("the option ", "").split(" ")[3]);
    expect([gates.posthog.by, gates.otlp.by]).toEqual(named);
  });

  it("to PostHog is off without a usable key, and names its variable; the one to OTLP stays on", () => {
    const without = Object.fromEntries(Object.entries(ON).filter(([name]) => name !== "Authorize"));
    expect(read(without).posthog.reason).toBe("posthog is off: Authorize is not set");
    expect(read({ ...without, POSTHOG_API_KEY: "phc a" }).posthog.reason).toBe(
      "posthog is off: POSTHOG_API_KEY holds no usable key",
    );
    expect(read(without).otlp.on).toBe(true);
  });

  it("counts as opted out only after an explicit no", () => {
    const optedOut = (environment: Record<string, string>): boolean[] => {
      const { posthog, otlp } = read(environment);
      return [posthog.optedOut, otlp.optedOut];
    };
    expect(optedOut({ ...ON, Authorize: "" })).toEqual([false, false]);
    expect(optedOut({ ...ON, Capture: "" })).toEqual([false, false]);
    expect(optedOut({ Report: "no" })).toEqual([true, false]);
    expect(optedOut({ Capture: "no", Report: "yes" })).toEqual([true, true]);
    expect(optedOut({ ...ON, OTEL_TRACES_EXPORTER: "none" })).toEqual([false, true]);
  });

  it.each(["otlp", "console", "", "otlp,none"])(
    "stays on with the traces exporter %p",
    (exporter) => {
      expect(read({ ...ON, OTEL_TRACES_EXPORTER: exporter }).otlp.on).toBe(true);
    },
  );

  it.each<[Record<string, string>, Partial<TelemetryOptions>, boolean, string]>([
    [{}, {}, false, "default"],
    [{ Capture: "maybe" }, {}, false, "default"],
    [{ Capture: "" }, { capture: true }, true, "capture"],
    [{ Capture: " YES " }, {}, true, "Capture"],
    [{ Capture: "off" }, { capture: true }, false, "Capture"],
    [{ Capture: "on" }, { capture: false }, false, "capture"],
    [{ Capture: "on", OTEL_SDK_DISABLED: "true" }, {}, false, "OTEL_SDK_DISABLED"],
  ])("obeys the main switch: %j and %j make it %p, by %s", (environment, options, on, by) => {
    const reader = new SettingReader({ tier: "cocoon", ...options }, { Emit: "1", ...environment });
    expect(readGates(reader).gates.otlp.on).toBe(on);
    expect(reader.sources["capture"]).toBe(by);
  });

  it.each<[Record<string, string>, string | undefined, string, string]>([
    [{ Authorize: " phc_a ", POSTHOG_API_KEY: "phc_b" }, undefined, "phc_a", "Authorize"],
    [{ Authorize: "phc_a" }, "phc_o", "phc_o", "posthog.key"],
    [{ POSTHOG_API_KEY: "phc_b" }, undefined, "phc_b", "POSTHOG_API_KEY"],
    [{}, undefined, "", "default"],
    // An empty or unusable key leaves none, whatever the later places hold.
    [{ Authorize: " ", POSTHOG_API_KEY: "phc_b" }, undefined, "", "Authorize"],
    [{ Authorize: "phc a", POSTHOG_API_KEY: "phc_b" }, undefined, "", "Authorize"],
  ])(
    "takes the project key from the first place that sets it: %j, %p",
    (environment, key, read, by) => {
      const reader = new SettingReader(
        { tier: "cocoon", posthog: key === undefined ? {} : { key } },
        environment,
      );
      expect(readGates(reader).key).toBe(read);
      expect(reader.sources["posthog.key"]).toBe(by);
    },
  );
});
