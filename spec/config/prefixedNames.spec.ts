import * as fc from "fast-check";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LAND_WORDS, PREFIXED_NAMES, prefixedName } from "../../lib/config/landVariables.js";
import { readConfiguration } from "../../lib/config/readConfiguration.js";
import type { Environment } from "../../lib/config/SettingReader.js";
import { collectProblems } from "../../lib/shared/diagnostics.js";

const ROOT = join(__dirname, "..", "..");
const ON: Environment = { Capture: "1", Report: "1", Emit: "1", Authorize: "phc_key" };
const word = fc.constantFrom(...LAND_WORDS);
const text = fc.oneof(
  fc.constantFrom("", " ", "true", "false", "0", "1", "7", "-1", "maybe", "phc_other", "phx_mine"),
  fc.constantFrom("http://127.0.0.1:9", "collector:4318", "https://a.example/x"),
  fc.string({ maxLength: 12 }).filter((any) => !any.includes("\0")),
);
const nameOf = (short: string): string => prefixedName(short) ?? "";

/** What is read, with the short name replaced by the prefixed one throughout. */
function read(environment: Environment, short: string): unknown {
  const { result, problems } = collectProblems(() => readConfiguration("cocoon", environment));
  const said = JSON.stringify({ result, problems });
  return JSON.parse(said.replaceAll(new RegExp(`\\b${short}\\b`, "g"), nameOf(short)));
}

function without(environment: Environment, name: string): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([each]) => each !== name));
}

describe("the prefixed name of one of Land's words", () => {
  it("means, on its own, what the word means on its own, whatever the value", () => {
    fc.assert(
      fc.property(word, text, (short, value) => {
        const others = without(ON, short);
        expect(read({ ...others, [nameOf(short)]: value }, short)).toEqual(
          read({ ...others, [short]: value }, short),
        );
      }),
      { numRuns: 2_000 },
    );
  });

  it("wins if both are set, even over an off, as if the word were missing", () => {
    fc.assert(
      fc.property(word, text, text, (short, value, other) => {
        fc.pre(value.trim() !== "");
        const others = { ...without(ON, short), [nameOf(short)]: value };
        expect(read({ ...others, [short]: other }, short)).toEqual(read(others, short));
      }),
      { numRuns: 2_000 },
    );
  });

  it("counts as unset if it is blank, except for the key, which a blank name takes away", () => {
    fc.assert(
      fc.property(word, text, (short, value) => {
        const others = { ...without(ON, short), [short]: value };
        const key = short === "Authorize" ? { Authorize: "" } : {};
        expect(read({ ...others, [nameOf(short)]: " " }, short)).toEqual(
          read({ ...others, ...key }, short),
        );
      }),
      { numRuns: 1_000 },
    );
  });

  it("is named as the source of its setting and in the reason that a pipe is off", () => {
    const { sources, gates } = readConfiguration("cocoon", {
      ...ON,
      LAND_TELEMETRY_EMIT: "no",
      LAND_TELEMETRY_CAP: "3",
      Cap: "somewhere",
    });
    expect(gates.otlp.reason).toBe("otlp is off: LAND_TELEMETRY_EMIT turns it off");
    expect(sources).toMatchObject({
      capture: "Capture",
      "otlp.enabled": "LAND_TELEMETRY_EMIT",
      "throttle.errorCap": "LAND_TELEMETRY_CAP",
    });
  });

  it("does not override an off under an older name", () => {
    const environment = { ...ON, LAND_TELEMETRY_EMIT: "1", OTLPEnabled: "0" };
    expect(readConfiguration("cocoon", environment).gates.otlp.by).toBe("OTLPEnabled");
  });
});

describe("an unknown name with the prefix", () => {
  it.each([
    ["LAND_TELEMETRY_CAPTUR", "LAND_TELEMETRY_CAPTURE"],
    ["LAND_TELEMETRY_PIP", "LAND_TELEMETRY_PIPE"],
    ["LAND_TELEMETRY_SPOOOL", "LAND_TELEMETRY_SPOOL"],
    ["LAND_TELEMETRY_report", "LAND_TELEMETRY_REPORT"],
    ["LAND_TELEMETRY_SOMETHING_ELSE_OF_THEIRS_ALTOGETHER", PREFIXED_NAMES.join(", ")],
  ])("%s is reported, without its value", (name, accepted) => {
    const { problems } = collectProblems(() => readConfiguration("cocoon", { [name]: "secret" }));
    expect(problems).toEqual([
      expect.stringContaining(`="…" is not usable; accepted: ${accepted}. It is not read.`),
    ]);
  });
});

describe("the page on settings", () => {
  const rows = readFileSync(join(ROOT, "docs", "settings.md"), "utf8")
    .split("\n")
    .filter((line) => line.startsWith("|"));

  it.each(LAND_WORDS)("has %s and its prefixed name in exactly one row", (short) => {
    expect(
      rows.filter((row) => row.includes(`\`${short}\``) && row.includes(`\`${nameOf(short)}\``)),
    ).toHaveLength(1);
  });

  it("lists exactly the prefixed names that are read", () => {
    const named = rows.join("\n").match(/LAND_TELEMETRY_[A-Z]+/g) ?? [];
    expect([...new Set(named)].sort()).toEqual([...PREFIXED_NAMES].sort());
  });
});
