import {
  isRandom,
  legalTraceState,
  parseTraceState,
  RANDOM_TRACE_STATE,
  StrictTraceState,
} from "../../lib/propagation/StrictTraceState.js";

const members = (count: number): string =>
  Array.from({ length: count }, (_, index) => `k${index}=v`).join(",");
const state = (text: string, random = false): StrictTraceState =>
  new StrictTraceState(parseTraceState(text) ?? new Map<string, string>(), random);

describe("StrictTraceState", () => {
  it("gets members", () => {
    expect(state("foo=1,bar=2").get("bar")).toBe("2");
    expect(state("foo=1").get("bar")).toBeUndefined();
  });

  it("adds and changes members at the front, in a new object", () => {
    const before = state("foo=1,bar=2");
    expect(before.set("baz", "3").serialize()).toBe("baz=3,foo=1,bar=2");
    expect(before.set("bar", "3").serialize()).toBe("bar=3,foo=1");
    expect(before.serialize()).toBe("foo=1,bar=2");
  });

  it("drops the last member when there would be 33", () => {
    expect(state(members(32)).set("new", "1").serialize()).toBe(`new=1,${members(31)}`);
    expect(state(members(32)).set("k31", "1").serialize()).toBe(`k31=1,${members(31)}`);
  });

  it.each([
    ["FOO", "1"],
    ["foo", ""],
    ["foo", "a,b"],
    ["foo", "a=b"],
    ["foo=1,bar", "2"],
    ["foo", "1 "],
    ["", "1"],
    ["foo", "ä"],
  ])("ignores the illegal member %j, %j", (key, value) => {
    const before = state("foo=0");
    expect(before.set(key, value)).toBe(before);
  });

  it("removes members", () => {
    const before = state("foo=1,bar=2");
    expect(before.unset("foo").serialize()).toBe("bar=2");
    expect(before.unset("other")).toBe(before);
  });

  it.each([
    ["spaces and tabs around members", " foo=1\t, \tbar=2 ", "foo=1,bar=2"],
    ["empty members", "foo=1,, ,bar=2,", "foo=1,bar=2"],
    ["the first of members with the same key", "foo=1,bar=2,foo=3", "foo=1,bar=2"],
    ["several headers as one", ["foo=1", "bar=2"], "foo=1,bar=2"],
    ["32 members", members(32), members(32)],
  ])("reads %s", (_what, header, expected) => {
    expect(Array.from(parseTraceState(header) ?? [], (member) => member.join("=")).join()).toBe(
      expected,
    );
  });

  it.each([
    ["no members", " ,, "],
    ["33 members", members(33)],
    ["33 members of the same key", Array.from({ length: 33 }, () => "foo=1").join()],
    ["a line feed between members", "foo=1,\nbar=2"],
    ["one illegal member", "foo=1,FOO=2"],
    ["a header that is no text", ["foo=1", 2]],
    ["more than anybody needs", `foo=1${" ".repeat(32_768)}`],
  ])("reads nothing from %s", (_what, header) => {
    expect(parseTraceState(header)).toBeUndefined();
  });

  it("keeps the random bit through changes", () => {
    expect(isRandom(RANDOM_TRACE_STATE.set("foo", "1").unset("foo"))).toBe(true);
    expect(isRandom(state("foo=1").set("foo", "2"))).toBe(false);
    expect(RANDOM_TRACE_STATE.serialize()).toBe("");
  });

  it("is told apart from a host's trace state, which may hold anything", () => {
    const foreign = (text: string) => ({
      get: () => undefined,
      set: () => RANDOM_TRACE_STATE,
      unset: () => RANDOM_TRACE_STATE,
      serialize: () => text,
    });
    expect(isRandom(foreign("foo=1"))).toBe(false);
    expect(legalTraceState(state("foo=1"))?.serialize()).toBe("foo=1");
    expect(legalTraceState(foreign(" foo=1, bar=2"))?.serialize()).toBe("foo=1,bar=2");
    expect(legalTraceState(foreign("foo=1,FOO=2"))).toBeUndefined();
  });
});

describe("parseTraceState, when a list is too long to pass on", () => {
  it("passes on 8,192 characters, and of a longer one only the members that fit", () => {
    const rest = Array.from({ length: 31 }, (_, index) => `k${index}=${"v".repeat(253)}`).join(",");
    const last = (length: number): string => `last=${"v".repeat(length)}`;
    const fits = `${rest},${last(8_192 - rest.length - ",last=".length)}`;
    expect(fits).toHaveLength(8_192);
    expect(state(fits).serialize()).toBe(fits);
    expect(state(`${fits}v`).serialize()).toBe(rest);
  });

  it("removes large members first, from the end, and never a part of one", () => {
    const huge = Array.from(
      { length: 30 },
      (_, index) => `${"k".repeat(200)}${index}=${"v".repeat(256)}`,
    );
    const shortened = state(["first=1", ...huge, "last=1"].join(","))
      .serialize()
      .split(",");
    expect(shortened.join(",").length).toBeLessThanOrEqual(8_192);
    expect(shortened).toEqual(["first=1", ...huge.slice(0, shortened.length - 2), "last=1"]);
    expect(
      [...shortened.slice(0, -1), huge[shortened.length - 2], "last=1"].join(",").length,
    ).toBeGreaterThan(8_192);
  });
});
