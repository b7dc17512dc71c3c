import { setTimeout as wait } from "node:timers/promises";
import type { Context } from "@opentelemetry/api";
import { ROOT_CONTEXT } from "@opentelemetry/api";
import type { CancelSource } from "../../lib/failures/cancellation.js";
import {
  findCancelSource,
  isCancellation,
  withCancelSource,
} from "../../lib/failures/cancellation.js";

const under = (source: CancelSource): Context => withCancelSource(ROOT_CONTEXT, source);
const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (failure: unknown) => failure,
  );
const named = (name: string, options?: ErrorOptions): Error =>
  Object.assign(new Error("x", options), { name });
const token = { isCancellationRequested: false, onCancellationRequested: (): void => undefined };

/** Wraps `last` in `causes` errors, each the cause of the next. */
function chain(causes: number, last: unknown): unknown {
  let failure = last;
  for (let index = 0; index < causes; index++) failure = new Error("wrapped", { cause: failure });
  return failure;
}

describe("a failure under an aborted signal", () => {
  it.each<[string, unknown]>([
    ["the default one", undefined],
    ["an Error", new Error("closed")],
    ["a text", "the editor was closed"],
    ["a number", 0],
    ["null", null],
  ])(
    "is a cancellation if it is the reason, or has it among its causes: %s",
    async (_kind, reason) => {
      const signal = AbortSignal.abort(reason);
      expect(isCancellation(signal.reason, under(signal))).toBe(true);
      expect(isCancellation(chain(3, signal.reason), under(signal))).toBe(true);
      // Node's own functions reject with this.
      expect(isCancellation(await failureOf(wait(1, undefined, { signal })), under(signal))).toBe(
        true,
      );
    },
  );

  it.each(["AbortError", "Canceled", "CanceledError", "CancellationError"])(
    "is a cancellation if it is an error named %s",
    (name) => {
      expect(isCancellation(named(name), under(AbortSignal.abort()))).toBe(true);
    },
  );

  it.each(["ABORT_ERR", "ERR_CANCELED", -32800])(
    "is a cancellation if it is an error with the code %s",
    (code) => {
      expect(
        isCancellation(Object.assign(new Error("x"), { code }), under(AbortSignal.abort())),
      ).toBe(true);
    },
  );

  it.each<[string, unknown]>([
    ["another error", new Error("disk full")],
    ["another reason", "disk full"],
    ["nothing at all", undefined],
    ["null", null],
    ["the abort of another controller", AbortSignal.abort().reason],
    ["an abort that another text has caused", named("AbortError", { cause: "other" })],
    [
      "an error that fails when it is looked at",
      new Proxy(new Error("x"), {
        get: () => {
          throw new Error("hostile");
        },
      }),
    ],
  ])("stays a failure if it is %s", (_kind, failure) => {
    expect(isCancellation(failure, under(AbortSignal.abort("mine")))).toBe(false);
  });

  it("stays a failure if the reason is too deep among its causes, or if those are circular", () => {
    const signal = AbortSignal.abort(new Error("mine"));
    expect(isCancellation(chain(15, signal.reason), under(signal))).toBe(true);
    expect(isCancellation(chain(16, signal.reason), under(signal))).toBe(false);
    const circular: Error & { cause?: unknown } = new Error("circular");
    circular.cause = circular;
    expect(isCancellation(circular, under(signal))).toBe(false);
  });

  it("is not a cancellation if the signal keeps no reason, unless it is an abort error", () => {
    const old = { aborted: true };
    expect(isCancellation(new Error("disk full"), under(old))).toBe(false);
    expect(isCancellation(undefined, under(old))).toBe(false);
    expect(isCancellation(named("AbortError"), under(old))).toBe(true);
  });
});

describe("a failure under a signal that is not aborted", () => {
  it("stays a failure, even if it is an abort error or equals the reason so far", () => {
    const { signal } = new AbortController();
    expect(isCancellation(named("AbortError"), under(signal))).toBe(false);
    expect(isCancellation(signal.reason, under(signal))).toBe(false);
    expect(isCancellation(new Error("x"), under({ aborted: false, reason: undefined }))).toBe(
      false,
    );
    expect(isCancellation(named("Canceled"), under(token))).toBe(false);
  });

  it("stays one without any signal", () => {
    expect(isCancellation(named("AbortError"), ROOT_CONTEXT)).toBe(false);
    expect(isCancellation(undefined, ROOT_CONTEXT)).toBe(false);
  });
});

describe("a failure under a VS Code token that requests cancellation", () => {
  const asked = under({ ...token, isCancellationRequested: true });

  it("is a cancellation if it is an abort error, whatever its cause", () => {
    expect(isCancellation(named("Canceled"), asked)).toBe(true);
    expect(isCancellation(named("CancellationError", { cause: new Error("x") }), asked)).toBe(true);
  });

  it.each<[string, unknown]>([
    ["an error", new Error("disk full")],
    ["a text", "Canceled"],
    ["nothing", undefined],
  ])("stays a failure if it is %s", (_kind, failure) => {
    expect(isCancellation(failure, asked)).toBe(false);
  });
});

describe("the signal of a handler", () => {
  const { signal } = new AbortController();

  it("is found wherever it stands among the arguments", () => {
    expect(findCancelSource([signal, {}, "x"])).toBe(signal);
    expect(findCancelSource(["$method", {}, signal])).toBe(signal);
    expect(findCancelSource([{}, token])).toBe(token);
  });

  it("is the last one if there are several", () => {
    const last = new AbortController().signal;
    expect(findCancelSource([signal, last])).toBe(last);
    expect(findCancelSource([signal, token])).toBe(token);
  });

  it("is looked for only in the last sixteen arguments", () => {
    const args = (behind: number): unknown[] => [
      ...Array.from({ length: 20 }, () => "x"),
      signal,
      ...Array.from({ length: behind }, () => "x"),
    ];
    expect(findCancelSource(args(15))).toBe(signal);
    expect(findCancelSource(args(16))).toBeUndefined();
  });

  it.each<[string, unknown]>([
    ["no object", "aborted"],
    ["null", null],
    ["a result with a member `aborted`", { aborted: true }],
    ["a signal whose flag is a text", { aborted: "no", addEventListener: () => undefined }],
    ["a model with the token's flag alone", { isCancellationRequested: true }],
    [
      "an emitter of cancellations that keeps no flag",
      { onCancellationRequested: () => undefined },
    ],
    [
      "an object that fails when it is looked at",
      new Proxy(
        {},
        {
          get: () => {
            throw new Error("hostile");
          },
        },
      ),
    ],
  ])("is not %s", (_kind, argument) => {
    expect(findCancelSource([argument])).toBeUndefined();
    expect(findCancelSource([signal, argument])).toBe(signal);
  });

  it("is undefined if there are no arguments", () => {
    expect(findCancelSource([])).toBeUndefined();
  });
});
