/** Requests that are cancelled in every way, in spans as a host has them: none of them is an error. */
const { PassThrough } = require("node:stream");
const { setTimeout: wait } = require("node:timers/promises");
const { runInNewContext } = require("node:vm");

const vscodeError = () => Object.assign(new Error("Canceled"), { name: "Canceled" });
const sleep = (signal) => wait(60_000, undefined, { signal });
const fails = (failure) => () => Promise.reject(failure);

/** Each returns a handler, its arguments and what cancels it. */
const WAYS = {
  AbortSignal() {
    const abort = new AbortController();
    return [sleep, [abort.signal], () => abort.abort()];
  },
  "AbortSignal in options"() {
    const abort = new AbortController();
    return [({ signal }) => sleep(signal), [{ signal: abort.signal }], () => abort.abort()];
  },
  CancellationToken() {
    const { CancellationTokenSource } = require("vscode-jsonrpc/node");
    const source = new CancellationTokenSource();
    const handler = ({ onCancellationRequested }) =>
      new Promise((_, reject) => onCancellationRequested(() => reject(vscodeError())));
    return [handler, [source.token], () => source.cancel()];
  },
  CancellationError: () => [fails(vscodeError()), []],
  "CancellationError of another realm": () => [
    fails(runInNewContext(`Object.assign(new Error("Canceled"), { name: "Canceled" })`)),
    [],
  ],
  "request cancelled": () => [fails(Object.assign(new Error("x"), { code: -32800 })), []],
  "content modified": () => [fails(Object.assign(new Error("x"), { code: -32801 })), []],
  "server cancelled": () => [fails(Object.assign(new Error("x"), { code: -32802 })), []],
  "gRPC CANCELLED": () => [
    fails(Object.assign(new Error("1 CANCELLED: x"), { code: 1, details: "x", metadata: {} })),
    [],
  ],
};

/** Runs all of them. */
exports.cancelled = async (land) => {
  for (const make of Object.values(WAYS)) {
    const [handler, args, cancel] = make();
    const result = land.withSpan("around", () => land.traceHandler("$request", handler)(...args));
    cancel?.();
    await result.catch(() => undefined);
  }
  await answered(land);
};

/** Replies of a JSON-RPC peer that are not failures. */
async function answered(land) {
  const { traceConnection } = require("land-telemetry/jsonrpc");
  const rpc = require("vscode-jsonrpc/node");
  const [there, back] = [new PassThrough(), new PassThrough()];
  const connect = (input, output) => {
    const traced = traceConnection(
      new rpc.StreamMessageReader(input),
      new rpc.StreamMessageWriter(output),
    );
    const { reader, writer, messageStrategy } = traced;
    return rpc.createMessageConnection(reader, writer, undefined, { messageStrategy });
  };
  const [client, server] = [connect(back, there), connect(there, back)];
  server.onRequest("m", (code) => new rpc.ResponseError(code, "not any more"));
  server.listen();
  client.listen();
  for (const code of [-32800, -32801, -32802])
    await land.withSpan("around", () => client.sendRequest("m", code)).catch(() => undefined);
  client.dispose();
  server.dispose();
}

/** Cocoon's rules for what is benign, after some useless ones. */
exports.RULES = [
  () => {
    throw new Error("a rule's own");
  },
  "NoSuchError",
  /ENOENT.*\/globalStorage\/.*\.json/,
  (error) => {
    const frames = String(error?.stack)
      .split("\n")
      .filter((line) => /^\s+at /.test(line));
    return frames.length > 0 && frames.every((line) => line.includes("/extensions/"));
  },
  (_error, { tag }) => (tag === "host:old" ? "host:new" : false),
];

/** Errors as an extension host has them: of four, two are noise, and one has a tag that is renamed. */
exports.noise = (land, count) => {
  for (let i = 0; i < count; i++) {
    const missing = new Error("ENOENT: no such file, open '/home/x/globalStorage/state.json'");
    const theirs = new Error("not mine");
    theirs.stack = "Error: not mine\n    at run (/home/x/extensions/a/main.js:1:2)";
    land.captureError("state", missing);
    try {
      land.withSpan("activate", () => {
        throw theirs;
      });
    } catch {
      // The host carries on.
    }
    land.captureError("host:real", new Error("disk full"));
    land.captureError("host:old", new Error("disk full"));
  }
};

/** Calls handlers at a rate for some time; every tenth call fails. */
exports.handlers = async (land, { perSecond, ms, features }) => {
  let calls = 0;
  const traced = land.traceHandler(
    (call) => `$feature${call % features}`,
    (call) => {
      if (call % 10 === 0) throw new Error("no");
    },
    { complete: true },
  );
  const start = performance.now();
  for (let since = 0; since < ms; since = performance.now() - start) {
    for (const due = (since * perSecond) / 1_000; calls < due; calls++)
      try {
        traced(calls);
      } catch {
        // Counted by its span.
      }
    await wait(5);
  }
  process.stdout.write(`calls ${calls}\n`);
};
