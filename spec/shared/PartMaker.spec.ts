import { PartMaker } from "../../lib/shared/PartMaker.js";
import { keepDiagnostics } from "../support/diagnostics.js";

const { messages, stop } = keepDiagnostics();
beforeEach(() => (messages.length = 0));
afterAll(stop);

describe("PartMaker", () => {
  it("makes a part at the first call, once", () => {
    let made = 0;
    const part = new PartMaker().part(() => ({ number: ++made }));
    expect(made).toBe(0);
    expect([part()?.number, part()?.number, made]).toEqual([1, 1, 1]);
  });

  it("does not throw where a part cannot be made, says so once, and tries again", () => {
    let tries = 0;
    const part = new PartMaker().part(() => {
      if (++tries < 3) throw new Error("EMFILE");
      return { tries };
    });
    expect([part(), part(), part()?.tries]).toEqual([undefined, undefined, 3]);
    expect(messages).toEqual([expect.stringContaining("could not be started")]);
  });

  it("gives nothing new to what the making itself calls", () => {
    const maker = new PartMaker();
    const other = maker.part(() => ({ name: "other" }));
    const before = maker.part(() => ({ name: "before" }));
    before();
    const seen: unknown[] = [];
    const part: () => object | undefined = maker.part(() => {
      seen.push(part(), other(), before()?.name);
      return { name: "part" };
    });
    expect(part()).toEqual({ name: "part" });
    expect(seen).toEqual([undefined, undefined, "before"]);
    expect(other()).toEqual({ name: "other" });
  });
});
