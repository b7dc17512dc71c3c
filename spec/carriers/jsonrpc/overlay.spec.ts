import { overlay } from "../../../lib/carriers/jsonrpc/overlay.js";

class Reader {
  #opened = 0;
  name = "reader";
  open(): number {
    return ++this.#opened;
  }
  close(): string {
    return "below";
  }
}

describe("what stands in for a reader or writer", () => {
  it("answers with its own members, and else as the one below it, private fields included", () => {
    const below = new Reader();
    const above = overlay(below, { close: () => "above" });
    expect([above.open(), below.open(), above.close(), below.close(), above.name]).toEqual([
      1,
      2,
      "above",
      "below",
      "reader",
    ]);
    expect(above).toBeInstanceOf(Reader);
    expect(["open" in above, "nothing" in above]).toEqual([true, false]);
    const { open } = above;
    expect(open()).toBe(3);
  });

  it("writes to the one below, which may be frozen", () => {
    const below = new Reader();
    overlay(below, {}).name = "other";
    expect(below.name).toBe("other");
    expect(overlay(Object.freeze(new Reader()), { close: () => "above" }).close()).toBe("above");
  });
});
