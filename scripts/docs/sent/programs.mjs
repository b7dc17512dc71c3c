/**
 * Programs that together make every kind of span, event, carrier and file. The name of anything that belongs to the
 * program and not to the package begins with `my.`.
 */

const EVERYTHING = `
import net from "node:net";
import { PassThrough } from "node:stream";
import { context, ROOT_CONTEXT, propagation, SpanKind, trace } from "@opentelemetry/api";
import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import * as rpc from "vscode-jsonrpc/node.js";
import * as land from "land-telemetry";
import { clientInterceptor, serverInterceptor } from "land-telemetry/grpc";
import { traceConnection } from "land-telemetry/jsonrpc";

land.register({ tier: "cocoon", mirror: ["error", "session", "handler"], baggageAttributes: ["my.key"], posthog: { errorTracking: true },
  throttle: { perSecond: 5, errorCap: 100 },
  privacy: { redact: (text) => text + (process.env.MARK ?? "") } });
// As PostHog's plugins for bundlers put it in.
globalThis._posthogReleaseId = "0194b2e8-7c3c-7b6e-8a0e-1f2d3c4b5a69";
globalThis._posthogChunkIds = { [new Error().stack]: "0194b2e8-7c3c-7b6e-8a0e-1f2d3c4b5a60" };
const ports = new Set();
const { connect: connectSocket } = net.Socket.prototype;
net.Socket.prototype.connect = function (...args) {
  // Node's own calls give one array of the options and the callback.
  ports.add(Number([args].flat(2)[0]?.port));
  return connectSocket.apply(this, args);
};
const quietly = async (work) => { try { return await work(); } catch {} };

land.withSpan("my.parent", { attributes: { "my.text": "a", "my.number": 1.5, "my.list": [true] } }, (span) => {
  span.addEvent("my.event", { "my.detail": "b" });
  const ended = land.emitSpan("my.emitted", { start: new Date(), end: new Date(), error: new Error("over") });
  land.emitSpan("my.linked", { start: Date.now(), end: Date.now(), links: [{ context: ended, attributes: { "my.link": "c" } }] });
  land.captureEvent("my.captured", { "my.property": "c" });
});
await quietly(() => land.withSpan("my.failing", () => { throw Object.assign(new TypeError("bad", { cause: new Error("worse") }), { code: "EBAD" }); }));
const carrying = propagation.setBaggage(ROOT_CONTEXT, propagation.createBaggage({ "my.key": { value: "d" } }));
context.with(carrying, () => land.withSpan("my.baggage", () => undefined));
land.withSpan("my.capturing", () => land.captureError("my.tag", new Error("told"), { "my.property": "e" }));
for (let index = 0; index < 9; index++) land.captureEvent("my.storm");

land.traceHandler("$handle", () => 1, { complete: true })();
for (let index = 0; index < 9; index++) land.traceHandler("$often", () => 1, { complete: true })();
await quietly(land.traceHandler("$fail", async () => { throw new Error("no"); }, { complete: true }));
await quietly(() => { const abort = new AbortController(); abort.abort(); return land.traceHandler("$cancel", async (signal) => land.withSpan("my.inner", () => signal.throwIfAborted()))(abort.signal); });
const remote = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03", tracestate: "my=1" };
land.traceHandler("$remote", () => undefined, { carrier: remote })();

const { Vine } = grpc.loadPackageDefinition(loadSync("examples/tiers/vine.proto", { keepCase: true }));
const server = new grpc.Server({ interceptors: [serverInterceptor()] });
server.addService(Vine.CocoonService.service, { ProcessMountainRequest: (call, callback) => callback({ code: grpc.status.INTERNAL, details: "broken" }) });
const port = await new Promise((resolve) => server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (_error, bound) => resolve(bound)));
const client = new Vine.CocoonService("127.0.0.1:" + port, grpc.credentials.createInsecure(), { interceptors: [clientInterceptor()] });
await new Promise((resolve) => client.ProcessMountainRequest({}, resolve));
await new Promise((resolve) => client.ProcessMountainRequest({}, resolve).cancel());
client.close();
server.forceShutdown();

const connect = (input, output) => {
  const { reader, writer, messageStrategy } = traceConnection(new rpc.StreamMessageReader(input), new rpc.StreamMessageWriter(output));
  const connection = rpc.createMessageConnection(reader, writer, rpc.NullLogger, { messageStrategy });
  connection.listen();
  return connection;
};
const [there, back] = [new PassThrough(), new PassThrough()];
const [near, far] = [connect(back, there), connect(there, back)];
far.onRequest("$broken", () => { throw new Error("no"); });
await quietly(() => near.sendRequest("$broken", {}));
const source = new rpc.CancellationTokenSource();
far.onRequest("$slow", (token) => new Promise((_resolve, reject) => {
  token.onCancellationRequested(() => reject(new rpc.ResponseError(-32800, "given up")));
  source.cancel();
}));
const slow = quietly(() => near.sendRequest("$slow", source.token));
await slow;
near.dispose();
far.dispose();
const { writer } = traceConnection(new rpc.StreamMessageReader(new PassThrough()), new rpc.StreamMessageWriter(new PassThrough()));
for (let index = 0; index < 2; index++) await writer.write({ jsonrpc: "2.0", id: 1, method: "$unanswered" });

await land.shutdown(20_000);
ports.delete(port);
console.log(JSON.stringify([...ports]));
`;

const UNCAUGHT = `
import { register } from "land-telemetry";
register({ tier: "air", shutdownTimeoutMs: 10_000 });
throw new Error("nobody catches this");
`;

const DYING = `
import { markLaunched, register } from "land-telemetry";
const { tracer } = register("echo");
tracer.startSpan("my.open");
markLaunched();
setTimeout(() => process.kill(process.pid, "SIGKILL"), 500);
`;

const WATCHING = `
import { spawn } from "node:child_process";
import { flush, register, watchChild } from "land-telemetry";
register({ tier: "mountain", privacy: { redact: (text) => text + (process.env.MARK ?? "") } });
const child = spawn(process.execPath, ["--input-type=module", "--eval", process.env.CHILD], { stdio: "ignore" });
watchChild(child);
child.on("close", () => setTimeout(() => void flush(20_000).then(() => process.exit()), 200));
`;

const ADOPTING = `
import { flush, register } from "land-telemetry";
register("air");
await flush(20_000);
`;

const SPOOLING = `
import { captureEvent, flush, register, withSpan } from "land-telemetry";
register({ tier: "mist", otlp: { protocol: process.argv[1] } });
captureEvent("my.captured");
withSpan("my.span", () => undefined);
await flush(5_000);
process.exit();
`;

const CARRYING = `
import { MessageChannel } from "node:worker_threads";
import { once } from "node:events";
import { PassThrough } from "node:stream";
import { context, createTraceState, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import * as rpc from "vscode-jsonrpc/node.js";
import * as land from "land-telemetry";
import { childEnvironment } from "land-telemetry/environment";
import { clientInterceptor, serverInterceptor } from "land-telemetry/grpc";
import { traceConnection } from "land-telemetry/jsonrpc";
import { injectWorkerData, tracePort } from "land-telemetry/message-port";

land.register("sky");
const remote = land.extract({ traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", tracestate: "my=1" }, ROOT_CONTEXT);
const seen = { baggage: new Set() };
const note = (name, carrier) => (seen[name] = Object.keys(carrier));
await context.with(remote, () => land.withSpan("my.span", async () => {
  const headers = land.inject({});
  note("inject", headers);
  for (const member of headers.baggage.split(",")) seen.baggage.add(member.split("=")[0]);
  note("payload", land.injectPayload({}));
  note("worker", injectWorkerData());
  note("environment", childEnvironment({}));

  const failure = new Error("no");
  let failed;
  try { land.withSpan("my.failing", (span) => { failed = span; throw failure; }); } catch {}
  note("answer", land.markPayload({}, failed));
  const { port1, port2 } = new MessageChannel();
  tracePort(port1).postMessage({ error: failure });
  const [message] = await once(port2, "message");
  port1.close();
  note("port", Object.fromEntries(Object.entries(message).filter(([key]) => key !== "error")));

  const { Vine } = grpc.loadPackageDefinition(loadSync("examples/tiers/vine.proto", { keepCase: true }));
  const server = new grpc.Server({ interceptors: [serverInterceptor()] });
  const standard = new Set(["user-agent", "content-type"]);
  const own = (metadata) => Object.fromEntries(Object.entries(metadata.getMap()).filter(([key]) => !standard.has(key) && !key.startsWith("grpc-") && key !== "date"));
  server.addService(Vine.CocoonService.service, { ProcessMountainRequest: (call, callback) => { note("grpcRequest", own(call.metadata)); callback({ code: grpc.status.INTERNAL, details: "broken" }); } });
  const port = await new Promise((resolve) => server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (_error, bound) => resolve(bound)));
  const client = new Vine.CocoonService("127.0.0.1:" + port, grpc.credentials.createInsecure(), { interceptors: [clientInterceptor()] });
  await new Promise((resolve) => client.ProcessMountainRequest({}, new grpc.Metadata(), { deadline: Date.now() + 60_000 }, (error) => { note("grpcResponse", own(error.metadata)); resolve(); }));
  client.close();
  server.forceShutdown();

  const [there, back] = [new PassThrough(), new PassThrough()];
  const raw = (stream, name) => new rpc.StreamMessageReader(stream.pipe(new PassThrough())).listen((message) => note(name, Object.fromEntries(Object.entries(message).filter(([key]) => !["jsonrpc", "id", "method", "params", "error"].includes(key)))));
  const connect = (input, output) => {
    const { reader, writer, messageStrategy } = traceConnection(new rpc.StreamMessageReader(input), new rpc.StreamMessageWriter(output));
    const connection = rpc.createMessageConnection(reader, writer, rpc.NullLogger, { messageStrategy });
    connection.listen();
    return connection;
  };
  raw(there, "jsonrpcRequest");
  raw(back, "jsonrpcResponse");
  const [near, far] = [connect(back, there), connect(there, back)];
  far.onRequest("$broken", () => { throw new Error("no"); });
  try { await near.sendRequest("$broken", {}); } catch {}
  near.dispose();
  far.dispose();
}));
await land.shutdown(20_000);
console.log(JSON.stringify(seen, (_key, value) => (value instanceof Set ? [...value] : value)));
`;

export const PROGRAMS = { EVERYTHING, UNCAUGHT, DYING, WATCHING, ADOPTING, SPOOLING, CARRYING };
