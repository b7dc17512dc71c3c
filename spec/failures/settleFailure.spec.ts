import { adoptMark, formatMark, markCounted, outgoingMark } from "../../lib/failures/mark.js";
import { rememberFailure } from "../../lib/failures/recordFailure.js";
import { rememberCountedText, settleFailure } from "../../lib/failures/settleFailure.js";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
let ids = 0;

/** A span at its end, with the failure that it recorded or with a status alone. */
class Ended {
  readonly span = {};
  readonly spanId = (++ids).toString(16).padStart(16, "0");
  constructor(
    readonly parent?: Ended,
    readonly traceId = TRACE,
  ) {}

  get mark(): string {
    return formatMark(this.traceId, this.spanId);
  }

  /** Ends with a failure; returns whether that counts as an event here. */
  fail(
    failure: unknown,
    text = failure instanceof Error ? failure.message : String(failure),
  ): boolean {
    rememberFailure(this.span, failure);
    return this.status(text);
  }

  status(text: string): boolean {
    return settleFailure({
      span: this.span,
      traceId: this.traceId,
      spanId: this.spanId,
      parentSpanId: this.parent?.spanId,
      text,
    });
  }
}

describe("a failure that passes through several spans", () => {
  it("counts once, at the innermost span", () => {
    const outer = new Ended();
    const middle = new Ended(outer);
    const failure = new Error("disk full");
    expect(new Ended(middle).fail(failure)).toBe(true);
    expect(middle.fail(failure)).toBe(false);
    expect(outer.fail(new Error("could not save", { cause: failure }))).toBe(false);
  });

  it("counts once even if the spans are unrelated", () => {
    const failure = new Error("disk full");
    expect(new Ended(new Ended()).fail(failure)).toBe(true);
    expect(new Ended().fail(failure)).toBe(false);
  });

  it("passes the mark of the innermost span on, all the way out", () => {
    const outer = new Ended();
    const inner = new Ended(outer);
    const failure = new Error("disk full");
    inner.fail(failure);
    outer.fail(failure);
    expect([outgoingMark(inner.span), outgoingMark(outer.span)]).toEqual([inner.mark, inner.mark]);
  });

  it("does not count again in another trace, whose own mark it then bears", () => {
    const failure = new Error("disk full");
    new Ended().fail(failure);
    const elsewhere = new Ended(undefined, "1".repeat(32));
    expect(elsewhere.fail(failure)).toBe(false);
    expect(outgoingMark(elsewhere.span)).toBe(elsewhere.mark);
  });

  it("counts nowhere if captureError, or the tier it came from, has already counted it", () => {
    const captured = new Error("captured");
    markCounted(captured, formatMark("0".repeat(32), "0".repeat(16)));
    expect(new Ended().fail(captured)).toBe(false);

    const [client, parent] = [new Ended(), new Ended()];
    const server = formatMark(TRACE, "00f067aa0ba902b7");
    adoptMark(server, client.span, TRACE);
    const rebuilt = new Error("from the response");
    expect(client.fail(rebuilt)).toBe(false);
    expect(outgoingMark(client.span)).toBe(server);
    expect(parent.fail(rebuilt)).toBe(false);
    expect(outgoingMark(parent.span)).toBe(server);
  });
});

describe("a failure that lost its identity", () => {
  it.each<[string, unknown]>([
    ["a text", "disk full"],
    ["an error rebuilt from a response", new Error("disk full")],
    [
      "an error wrapped around a rebuilt one",
      new Error("could not save", { cause: new Error("disk full") }),
    ],
  ])("is recognised at the parent by the text of the child's failure: %s", (_kind, failure) => {
    const parent = new Ended();
    const child = new Ended(parent);
    expect(child.fail("disk full")).toBe(true);
    expect(parent.fail(failure)).toBe(false);
    expect(outgoingMark(parent.span)).toBe(child.mark);
  });

  it("is recognised by the message of one of its first sixteen causes, but not by a part of it", () => {
    const wrapped = (causes: number, text: string): Error => {
      let failure = new Error(text);
      for (let i = 0; i < causes; i++) failure = new Error("wrapped", { cause: failure });
      return failure;
    };
    const countedAgain = (failure: unknown): boolean => {
      const parent = new Ended();
      new Ended(parent).fail("disk full");
      return parent.fail(failure, "wrapped");
    };
    expect(countedAgain(wrapped(15, "disk full"))).toBe(false);
    expect(countedAgain(wrapped(16, "disk full"))).toBe(true);
    expect(countedAgain(wrapped(1, "disk"))).toBe(true);
    expect(countedAgain("disk full")).toBe(true);
    expect(countedAgain(undefined)).toBe(true);
  });

  it("is recognised by the text of the status if nothing was thrown", () => {
    const parent = new Ended();
    expect(new Ended(parent).status("disk full")).toBe(true);
    expect(parent.status("disk full")).toBe(false);
  });

  it("counts as another if its text differs", () => {
    const parent = new Ended();
    expect(new Ended(parent).fail("disk full")).toBe(true);
    expect(parent.fail("no luck")).toBe(true);
    expect(outgoingMark(parent.span)).toBe(parent.mark);
  });

  it("counts as another at a sibling, at a child and in an unrelated span", () => {
    const root = new Ended();
    const [one, two] = [new Ended(root), new Ended(root)];
    expect([one, two, new Ended(root)].map((span) => span.fail("timeout"))).toEqual([
      true,
      true,
      true,
    ]);
    expect(new Ended(one).fail("timeout")).toBe(true);
    expect(new Ended().fail("timeout")).toBe(true);
  });

  it("is recognised through any number of levels", () => {
    const [top, outer] = [new Ended(), new Ended()];
    const middle = new Ended(outer);
    expect(new Ended(middle).fail("disk full")).toBe(true);
    expect(middle.fail("disk full")).toBe(false);
    expect(outer.fail("disk full")).toBe(false);
    expect(top.fail("disk full")).toBe(true);
  });

  it("is recognised by the text that a response without an error brought", () => {
    const span = new Ended();
    const server = formatMark(TRACE, "00f067aa0ba902b7");
    rememberCountedText(span.spanId, "disk full", server);
    expect(span.fail(new Error("disk full"))).toBe(false);
    expect(outgoingMark(span.span)).toBe(server);
  });

  it("is forgotten once failures wait at a thousand newer parents", () => {
    const [first, second, last] = [new Ended(), new Ended(), new Ended()];
    new Ended(first).fail("disk full");
    new Ended(second).fail("disk full");
    for (let index = 0; index < 998; index++) new Ended(new Ended()).fail("disk full");
    new Ended(last).fail("disk full");
    expect(first.fail("disk full")).toBe(true);
    expect(second.fail("disk full")).toBe(false);
    expect(last.fail("disk full")).toBe(false);
  });
});
