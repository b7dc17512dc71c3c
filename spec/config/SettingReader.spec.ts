import type { Candidate } from "../../lib/config/SettingReader.js";
import { SettingReader } from "../../lib/config/SettingReader.js";
import { keepDiagnostics } from "../support/diagnostics.js";

const { messages, stop } = keepDiagnostics();
beforeEach(() => (messages.length = 0));
afterAll(stop);

const reader = new SettingReader({ First: "1", Second: "2", Empty: "", Bad: "::", Word: " GZIP " });

describe("a setting", () => {
  it("is what the first place says that says something, which is remembered", () => {
    expect(
      reader.number(
        "n",
        [["option", undefined], ...reader.variables("Empty", "First", "Second")],
        9,
      ),
    ).toBe(1);
    expect(reader.sources["n"]).toBe("First");
  });

  it("is the default when no place says anything", () => {
    expect(reader.number("n", reader.variables("Nowhere"), 9)).toBe(9);
    expect(reader.boolean("b", [], true)).toBe(true);
    expect(reader.url("u", [], "http://d")).toBe("http://d");
    expect(
      reader.text(
        "t",
        [
          ["option", null],
          ["option", " "],
        ],
        "d",
      ),
    ).toBe("d");
    expect(reader.choice("c", [], ["gzip", "none"], "none")).toBe("none");
    expect(reader.sources).toMatchObject({
      n: "default",
      b: "default",
      u: "default",
      t: "default",
      c: "default",
    });
    expect(messages).toEqual([]);
  });

  it("is not lost to a place that cannot be used", () => {
    expect(reader.number("n", reader.variables("Bad", "Second"), 9)).toBe(2);
    expect(
      reader.boolean(
        "b",
        [
          ["one", "maybe"],
          ["two", false],
        ],
        true,
      ),
    ).toBe(false);
    expect(reader.sources).toMatchObject({ n: "Second", b: "two" });
    expect(messages).toHaveLength(2);
  });

  it("is text without the blanks around it, and nothing but text", () => {
    expect(reader.text("t", reader.variables("Word"), "d")).toBe("GZIP");
    expect(reader.text("t", [["app.name", 5]], "d")).toBe("d");
    expect(messages).toEqual([
      "land-telemetry: app.name=5 is not usable; accepted: text. It is taken as unset.",
    ]);
  });

  it("is one of a few words, in any letter case", () => {
    expect(reader.choice("c", reader.variables("Word"), ["gzip", "none"], "none")).toBe("gzip");
    expect(reader.sources["c"]).toBe("Word");
    expect(
      reader.choice(
        "c",
        [
          ["OTEL_X", "zip"],
          ["OTEL_Y", "none"],
        ],
        ["gzip", "none"],
        "gzip",
      ),
    ).toBe("none");
    expect(reader.choice("c", [["OTEL_X", "zip"]], ["gzip", "none"], "gzip")).toBe("gzip");
    expect(messages).toEqual(
      Array(2).fill(
        'land-telemetry: OTEL_X="zip" is not usable; accepted: gzip, none. gzip is used.',
      ),
    );
  });

  it("is unset where the environment cannot be read", () => {
    const hostile = new SettingReader(
      new Proxy(
        {},
        {
          get: () => {
            throw new Error("hostile");
          },
        },
      ),
    );
    expect(hostile.variables("A", "B")).toEqual([
      ["A", undefined],
      ["B", undefined],
    ]);
  });
});

describe("a gate", () => {
  it.each<[Candidate[], { on: boolean; optedOut: boolean; by: string }, string]>([
    [[], { on: false, optedOut: false, by: "" }, "default"],
    [
      [
        ["a", undefined],
        ["b", "maybe"],
      ],
      { on: false, optedOut: false, by: "" },
      "default",
    ],
    [
      [
        ["a", ""],
        ["b", true],
        ["c", "yes"],
      ],
      { on: true, optedOut: false, by: "b" },
      "b",
    ],
    [
      [
        ["a", true],
        ["b", "off"],
      ],
      { on: false, optedOut: true, by: "b" },
      "b",
    ],
    [
      [
        ["a", false],
        ["b", "on"],
        ["c", "off"],
      ],
      { on: false, optedOut: true, by: "a" },
      "a",
    ],
  ])("of %j is %j", (candidates, said, source) => {
    expect(reader.gate("capture", candidates)).toEqual(said);
    expect(reader.sources["capture"]).toBe(source);
  });
});
