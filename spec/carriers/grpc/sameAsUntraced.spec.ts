import type {
  InterceptorOptions,
  Listener,
  NextCall,
  ServerInterceptingCallInterface,
  ServerMethodDefinition,
} from "@grpc/grpc-js";
import { Metadata, StatusBuilder, status } from "@grpc/grpc-js";
import { clientInterceptor, serverInterceptor } from "../../../lib/grpc.js";
import { looksOf, outcomeOf } from "../../support/sameAs.js";
import type { Recorder } from "./telemetry.js";
import { installTelemetry, removeTelemetry } from "./telemetry.js";

const DEFINITION = {
  path: "/land.test.Echo/Unary",
  requestStream: true,
  responseStream: true,
  requestSerialize: JSON.stringify,
  responseDeserialize: JSON.parse,
};
const METHODS = ["start", "sendMessageWithContext", "sendMessage", "halfClose", "cancelWithStatus"];
const SERVER_METHODS = ["start", "sendMetadata", "sendMessage", "sendStatus", "getDeadline"];

/** A call as one of the host's interceptors may return it: with its own class and a private field. */
class HostCall {
  readonly seen: unknown[][] = [];
  #answer = "given";
  failure: unknown;
  private take(...args: unknown[]): string {
    this.seen.push(args);
    if (this.failure !== undefined) throw this.failure;
    return this.#answer;
  }
  start(metadata: unknown, listener?: unknown, ...more: unknown[]): unknown {
    return this.take("start", metadata, listener, ...more);
  }
  sendMessageWithContext(given: unknown, message: unknown, ...more: unknown[]): unknown {
    return this.take("sendMessageWithContext", given, message, ...more);
  }
  sendMessage(message: unknown, ...more: unknown[]): unknown {
    return this.take("sendMessage", message, ...more);
  }
  sendMetadata(...args: unknown[]): unknown {
    return this.take("sendMetadata", ...args);
  }
  sendStatus(answered: unknown, ...more: unknown[]): unknown {
    return this.take("sendStatus", answered, ...more);
  }
  cancelWithStatus(code: unknown, details: unknown, ...more: unknown[]): unknown {
    return this.take("cancelWithStatus", code, details, ...more);
  }
  halfClose(): unknown {
    return this.take("halfClose");
  }
  getDeadline(): number {
    return Infinity;
  }
}

let recorder: Recorder;
beforeEach(() => {
  recorder = installTelemetry();
});
afterEach(removeTelemetry);

function traceClient<C extends object>(call: C): C {
  const options = { method_definition: DEFINITION } as unknown as InterceptorOptions;
  const next = (() => call) as unknown as NextCall;
  return clientInterceptor()(options, next) as unknown as C;
}

function traceServer<C extends object>(call: C): C {
  const definition = DEFINITION as unknown as ServerMethodDefinition<unknown, unknown>;
  const given = call as unknown as ServerInterceptingCallInterface;
  return serverInterceptor()(definition, given) as unknown as C;
}

describe.each([
  ["client", traceClient, METHODS],
  ["server", traceServer, SERVER_METHODS],
])("a traced %s call", (side, trace, methods) => {
  test("is the same object as before, and looks unchanged", () => {
    const call = new HostCall();
    const keys = Object.keys(call);
    const before = methods.map((key) => looksOf(Reflect.get(call, key)));
    expect(trace(call)).toBe(call);
    expect(methods.map((key) => looksOf(Reflect.get(call, key)))).toEqual(before);
    expect(Object.keys(call)).toEqual(keys);
  });

  test.each(methods.filter((key) => key !== "start" && key !== "getDeadline"))(
    "%s receives all arguments and returns or throws what it did untraced",
    (key) => {
      const call = trace(new HostCall());
      const args = [{ code: 0, details: "", flags: 1 }, "second", "third"];
      const method = Reflect.get(call, key) as (...args: unknown[]) => unknown;
      const plain = new HostCall();
      const untraced = Reflect.get(plain, key) as (...args: unknown[]) => unknown;
      expect(method.apply(call, args)).toBe(untraced.apply(plain, args));
      expect(call.seen).toEqual(plain.seen);
      call.failure = new Error("broken");
      expect(outcomeOf(() => method.apply(call, args))).toEqual({ threw: call.failure });
    },
  );

  test("start receives all arguments and returns or throws what it did untraced", () => {
    const call = trace(new HostCall());
    const first = side === "client" ? new Metadata() : {};
    expect(call.start(first, {}, "third")).toBe("given");
    expect(call.seen[0]).toHaveLength(4);
    expect(call.seen[0]?.[3]).toBe("third");
    const failing = trace(new HostCall());
    failing.failure = new Error("broken");
    expect(outcomeOf(() => failing.start(first))).toEqual({ threw: failing.failure });
  });

  test("that cannot be changed, or lacks methods, works untraced in that part", () => {
    const frozen = Object.freeze(new HostCall());
    expect(trace(frozen)).toBe(frozen);
    expect(frozen.halfClose()).toBe("given");
    const bare = trace({ start: () => "started" } as unknown as HostCall);
    expect(Object.keys(bare)).toEqual(["start"]);
  });
});

describe("a started client call", () => {
  test("gets a copy of the caller's metadata with all that it holds; the original stays unchanged", () => {
    const call = traceClient(new HostCall());
    const metadata = Object.assign(new Metadata({ waitForReady: true }), { beside: new Map() });
    metadata.set("tenant", "a");
    call.start(metadata, {});
    const [, carrying] = call.seen[0] as [string, typeof metadata];
    expect(carrying).toBeInstanceOf(Metadata);
    expect(carrying.beside).toBe(metadata.beside);
    expect(carrying.getOptions()).toEqual({ waitForReady: true });
    expect(carrying.get("tenant")).toEqual(["a"]);
    expect(carrying.get("traceparent")).toHaveLength(1);
    expect(metadata.get("traceparent")).toEqual([]);
  });

  /** grpc-js treats a listener as complete if its first method has the right length. */
  test("gets a listener that grpc-js treats as complete, and that passes on what arrives", () => {
    const call = traceClient(new HostCall());
    const seen: unknown[] = [];
    const next = {
      onReceiveMetadata(this: unknown, ...args: unknown[]) {
        seen.push(this === next, ...args);
      },
      onReceiveMessage(this: unknown, ...args: unknown[]) {
        seen.push(this === next, ...args);
      },
      onReceiveStatus(this: unknown, ...args: unknown[]) {
        seen.push(this === next, ...args);
      },
    };
    call.start(new Metadata(), next);
    const listener = call.seen[0]?.[2] as Required<
      Record<keyof Listener, (value: unknown) => void>
    >;
    expect(Object.values(listener).map((method) => method.length)).toEqual([1, 1, 1]);
    const [metadata, message, answered] = [
      new Metadata(),
      { text: "a" },
      { code: status.OK, details: "", metadata: new Metadata() },
    ];
    listener.onReceiveMetadata(metadata);
    listener.onReceiveMessage(message);
    listener.onReceiveMessage(null);
    listener.onReceiveStatus(answered);
    expect(seen).toEqual([true, metadata, true, message, true, null, true, answered]);
    expect(
      [seen[1], seen[3], seen[7]].map(
        (value, index) => value === [metadata, message, answered][index],
      ),
    ).toEqual([true, true, true]);
  });

  test.each([
    ["a failure", new StatusBuilder().withCode(status.NOT_FOUND).withDetails("gone").build()],
    ["a success", new StatusBuilder().withCode(status.OK).build()],
    ["a failure whose metadata is null", { code: status.INTERNAL, details: "", metadata: null }],
  ])("passes on %s that an interceptor has built without metadata", (_what, answered) => {
    const call = traceClient(new HostCall());
    const seen: unknown[] = [];
    call.start(new Metadata(), { onReceiveStatus: (given: unknown) => seen.push(given) });
    const listener = call.seen[0]?.[2] as { onReceiveStatus: (given: unknown) => void };
    listener.onReceiveStatus(answered);
    expect(seen).toEqual([answered]);
    expect(recorder.ended).toHaveLength(1);
  });

  test("needs no listener", () => {
    const call = traceClient(new HostCall());
    call.start(new Metadata());
    const listener = call.seen[0]?.[2] as Record<string, (value: unknown) => void>;
    for (const key of ["onReceiveMetadata", "onReceiveMessage"]) listener[key]?.({});
    listener["onReceiveStatus"]?.({ code: status.OK, details: "", metadata: new Metadata() });
    expect(recorder.ended).toHaveLength(1);
  });

  test("passes on a message context unchanged if it has no callback, and otherwise keeps its flags", () => {
    const call = traceClient(new HostCall());
    const plain = { flags: 2 };
    const callback = jest.fn();
    call.sendMessageWithContext(plain, "a");
    call.sendMessageWithContext({ flags: 4, callback }, "b");
    const [first, second] = call.seen as [string, { flags: number; callback?: () => void }][];
    expect(first?.[1]).toBe(plain);
    expect(second?.[1].flags).toBe(4);
    second?.[1].callback?.();
    expect(callback).toHaveBeenCalledTimes(1);
  });
});

describe("a started server call", () => {
  test("passes what arrives to the given listener, even if it has no getDeadline", () => {
    const made = new HostCall();
    Reflect.set(made, "getDeadline", undefined);
    const call = traceServer(made);
    const seen: unknown[] = [];
    const note =
      (name: string) =>
      (...args: unknown[]): number =>
        seen.push([name, ...args]);
    const next = Object.fromEntries(
      ["onReceiveMetadata", "onReceiveMessage", "onReceiveHalfClose", "onCancel"].map((name) => [
        name,
        note(name),
      ]),
    );
    call.start(next);
    const listener = call.seen[0]?.[1] as Record<string, (...args: unknown[]) => void>;
    const metadata = new Metadata();
    listener["onReceiveMetadata"]?.(metadata);
    listener["onReceiveMessage"]?.("a");
    listener["onReceiveHalfClose"]?.();
    listener["onCancel"]?.();
    expect(listener["onReceiveMetadata"]).toHaveLength(1);
    expect(seen).toEqual([
      ["onReceiveMetadata", metadata],
      ["onReceiveMessage", "a"],
      ["onReceiveHalfClose"],
      ["onCancel"],
    ]);
    expect(recorder.ended).toHaveLength(1);
  });
});
