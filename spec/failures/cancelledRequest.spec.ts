import { setTimeout as wait } from "node:timers/promises";
import { runInNewContext } from "node:vm";
import { Metadata, status as grpc } from "@grpc/grpc-js";
import { SpanStatusCode } from "@opentelemetry/api";
import { CancellationTokenSource, ResponseError } from "vscode-jsonrpc/node";
import { countedMark } from "../../lib/failures/mark.js";
import { clientInterceptor, serverInterceptor } from "../../lib/grpc.js";
import { traceHandler } from "../../lib/handlers/traceHandler.js";
import { withSpan } from "../../lib/tracing/withSpan.js";
import { connect, loadEcho, startServer } from "../carriers/grpc/echoService.js";
import { connectPeers } from "../carriers/jsonrpc/connect.js";
import type { TestTelemetry } from "../support/telemetry.js";
import { startTelemetry } from "../support/telemetry.js";

const failureOf = (work: () => unknown): Promise<unknown> =>
  Promise.resolve()
    .then(work)
    .then(
      () => Promise.reject(new Error("it must fail")),
      (failure: unknown) => failure,
    );
const vscodeError = (): Error => Object.assign(new Error("Canceled"), { name: "Canceled" });
const otherRealm = (name: string, message: string): unknown =>
  runInNewContext(`Object.assign(new Error(${JSON.stringify(message)}), { name: "${name}" })`);
const grpcError = (code: number, details: string): Error =>
  Object.assign(new Error(`${code} ${details}`), { code, details, metadata: new Metadata() });
/** Rejects when the signal aborts, as Node's own functions do. */
const sleep = (signal: AbortSignal): Promise<void> => wait(60_000, undefined, { signal });
const asToken = (source: CancellationTokenSource): Promise<never> =>
  new Promise((_resolve, reject) =>
    source.token.onCancellationRequested(() => reject(vscodeError())),
  );

/** Makes a request that is cancelled while its handler runs; returns what the caller gets. */
type Way = (
  handle: (handler: (...args: never[]) => unknown, ...args: unknown[]) => unknown,
) => unknown;

const aborted =
  (reason?: unknown): Way =>
  (handle) => {
    const abort = new AbortController();
    const result = handle(sleep, abort.signal);
    abort.abort(reason);
    return result;
  };
const thrown =
  (failure: unknown): Way =>
  (handle) =>
    handle(() => {
      throw failure;
    });

const WAYS: Readonly<Record<string, Way>> = {
  "an AbortSignal": aborted(),
  "an AbortSignal with an error as its reason": aborted(new Error("closed")),
  "an AbortSignal with a text as its reason": aborted("the editor was closed"),
  "an AbortSignal in an object of options": (handle) => {
    const abort = new AbortController();
    const result = handle(({ signal }: { signal: AbortSignal }) => sleep(signal), {
      signal: abort.signal,
    });
    abort.abort();
    return result;
  },
  "a signal around that of a handler inside": (handle) => {
    const [outer, inner] = [new AbortController(), new AbortController()];
    const nested = traceHandler("$nested", () => sleep(outer.signal));
    const result = handle(
      () => (nested as (signal: AbortSignal) => unknown)(inner.signal),
      outer.signal,
    );
    outer.abort();
    return result;
  },
  "a CancellationToken": (handle) => {
    const source = new CancellationTokenSource();
    const result = handle(() => asToken(source), source.token);
    source.cancel();
    return result;
  },
  "a CancellationToken that aborts a signal": (handle) => {
    const source = new CancellationTokenSource();
    const abort = new AbortController();
    source.token.onCancellationRequested(() => abort.abort());
    const result = handle(() => sleep(abort.signal), { token: source.token });
    source.cancel();
    return result;
  },
  "an AbortSignal that cancels a gRPC call": (handle) => {
    const abort = new AbortController();
    abort.abort();
    return handle(
      () => Promise.reject(grpcError(grpc.CANCELLED, "Cancelled on client")),
      abort.signal,
    );
  },
  "VS Code's CancellationError alone": thrown(vscodeError()),
  "that of another realm": thrown(otherRealm("Canceled", "Canceled")),
  "an AbortError of another realm": (handle) =>
    handle(() => {
      throw otherRealm("AbortError", "The operation was aborted");
    }, AbortSignal.abort()),
  "a ResponseError: request cancelled": thrown(new ResponseError(-32800, "x")),
  "a ResponseError: content modified": thrown(new ResponseError(-32801, "x")),
  "a ResponseError: server cancelled": thrown(new ResponseError(-32802, "x")),
  "a ServiceError: CANCELLED": thrown(grpcError(grpc.CANCELLED, "not now")),
};

const FAILURES: Readonly<Record<string, Way>> = {
  "a ResponseError: request failed": thrown(new ResponseError(-32803, "Canceled")),
  "a ServiceError: ABORTED": thrown(grpcError(grpc.ABORTED, "x")),
  "a gRPC call that the far end has reset": thrown(grpcError(grpc.CANCELLED, "Call cancelled")),
  "an error whose code happens to be 1": thrown(Object.assign(new Error("exit"), { code: 1 })),
  "an error that only speaks of it": thrown(new Error("Canceled")),
  "the abort of a signal that is nobody's": thrown(AbortSignal.abort().reason),
  "a timeout": thrown(new DOMException("The operation timed out", "TimeoutError")),
  "another failure after the abort": (handle) =>
    handle(() => {
      throw new Error("disk full");
    }, AbortSignal.abort()),
};

describe("a request", () => {
  let telemetry: TestTelemetry;
  beforeEach(() => {
    telemetry = startTelemetry();
  });
  afterEach(() => telemetry.stop());

  const expectNoError = (count: number): void => {
    const spans = telemetry.spans();
    expect(spans).toHaveLength(count);
    for (const { name, status, attributes } of spans)
      expect({ name, status, cancelled: attributes["land.cancelled"] }).toEqual({
        name,
        status: { code: SpanStatusCode.UNSET },
        cancelled: true,
      });
    expect(telemetry.counted).toEqual([]);
  };
  const inSpans = (way: Way): Promise<unknown> =>
    failureOf(() =>
      withSpan("around", () =>
        way((handler, ...args) => traceHandler("$handle", handler)(...(args as []))),
      ),
    );

  it.each(Object.entries(WAYS))(
    "cancelled by %s is not an error in any span",
    async (_way, way) => {
      const failure = await inSpans(way);
      expectNoError(_way === "a signal around that of a handler inside" ? 3 : 2);
      // A catch-all that reports the failure afterwards recognises it too.
      if (failure instanceof Error) expect(countedMark(failure)).toMatch(/-cancelled$/);
    },
  );

  it.each(Object.entries(FAILURES))("that ended with %s is an error", async (_way, way) => {
    await inSpans(way);
    expect(telemetry.counted).toEqual(["$handle"]);
    for (const { status } of telemetry.spans()) expect(status.code).toBe(SpanStatusCode.ERROR);
  });

  it("that ends with an AggregateError is an error only if that holds a failure, not just cancellations", async () => {
    const cancelled = (): Promise<unknown> =>
      failureOf(() => withSpan("a", () => Promise.reject(vscodeError())));
    const failed = (): Promise<unknown> =>
      failureOf(() => withSpan("b", () => Promise.reject(new Error("disk full"))));
    const ended = async (errors: readonly unknown[]): Promise<number | undefined> => {
      await failureOf(() => withSpan("all", () => Promise.reject(new AggregateError(errors))));
      return telemetry.spans().at(-1)?.status.code;
    };
    expect(await ended([await cancelled(), await cancelled()])).toBe(SpanStatusCode.UNSET);
    expect(await ended([await failed(), await cancelled()])).toBe(SpanStatusCode.ERROR);
    expect(telemetry.counted).toEqual(["b"]);
  });

  /** A handler in the next tier that is cancelled by other means than the request itself. */
  const cancelledBeyond = (): Promise<void> => {
    const abort = new AbortController();
    const handled = traceHandler("$beyond", sleep)(abort.signal);
    setImmediate(() => abort.abort());
    return handled;
  };

  it("cancelled in the next tier, over JSON-RPC, is not an error in either tier", async () => {
    const { client, server, close } = await connectPeers();
    server.connection.onRequest("m", cancelledBeyond);
    for (const { connection } of [client, server]) connection.listen();
    await failureOf(() => withSpan("around", () => client.connection.sendRequest("m")));
    expectNoError(4);
    close();
  });

  it("cancelled in the next tier, over gRPC, is not an error in either tier", async () => {
    const Echo = loadEcho();
    const running = await startServer(
      Echo.service,
      {
        unary: (_call: unknown, reply: (error: never) => void) =>
          void cancelledBeyond().catch((error: unknown) => reply(error as never)),
      },
      { interceptors: [serverInterceptor()] },
    );
    const client = connect(Echo, running.address, { interceptors: [clientInterceptor()] });
    await failureOf(() =>
      withSpan(
        "around",
        () =>
          new Promise((resolve, reject) =>
            client.unary({ text: "" }, {}, (error, answer) =>
              error === null ? resolve(answer) : reject(error),
            ),
          ),
      ),
    );
    expectNoError(4);
    client.close();
    running.server.forceShutdown();
  });
});
