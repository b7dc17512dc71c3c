/** Mountain, the shell: starts the other tiers and passes requests between them. */
import { ROOT_CONTEXT, SpanKind, context, trace } from "@opentelemetry/api";
import {
  Tier,
  captureSession,
  extractPayload,
  injectPayload,
  markPayload,
  register,
  shutdown,
  stripPayload,
  traceHandler,
  withSpan,
} from "land-telemetry";
import { childEnvironment } from "land-telemetry/environment";
import { acceptRelayed } from "land-telemetry/message-port";
import { SessionContext } from "./sessionContext.mjs";

const session = new SessionContext();
register({ tier: Tier.Mountain, spanProcessors: [session] });
// Now and not in the next turn of the event loop, since what is launched below must be a child of its span.
captureSession();

const { connectVine } = await import("./connectVine.mjs");
const { onMessages, sendMessage } = await import("./lines.mjs");
const { serveVine } = await import("./serveVine.mjs");
const { SHUTDOWN_MS } = await import("./sidecar.mjs");
const { spawnTier, tierEnvironment } = await import("./spawnTier.mjs");

/** Which tier handles each of Sky's commands. */
const COMMANDS = {
  "extensions:scan": ["cocoon", "$scanExtensions"],
  "files:search": ["cocoon", "$searchFiles"],
  "files:watch": ["cocoon", "$watchFiles"],
  "file:read": ["cocoon", "$readFile"],
  "tree:hash": ["air", "$hashTree"],
};

const tiers = {};
const running = new Map();
let results;

/** Sends a Tauri event to the webview, with the context that caused it. */
function emit(event, payload) {
  withSpan(
    "land:mountain:event:emit",
    { kind: SpanKind.PRODUCER, attributes: { "land.event": event } },
    () => {
      sendMessage(sky.stdin, { event, payload: injectPayload(payload) });
    },
  );
}

const route = traceHandler(
  "land:mountain:ipc:invoke",
  (call, signal) => {
    call.span = trace.getActiveSpan();
    const [tier, method] = COMMANDS[call.command];
    return tiers[tier].request(method, stripPayload(call.params), signal);
  },
  { attributes: ({ command }) => ({ "land.command": command }) },
);

/** Answers one invoke of the webview. The answer to a failed one carries the mark that the failure has been counted. */
async function invoke(call) {
  const abort = new AbortController();
  running.set(call.id, abort);
  try {
    const result = await context.with(extractPayload(call.params, ROOT_CONTEXT), () =>
      route(call, abort.signal),
    );
    sendMessage(sky.stdin, { id: call.id, result });
  } catch ({ message, code, cancelled }) {
    sendMessage(
      sky.stdin,
      markPayload({ id: call.id, error: { message, code, cancelled } }, call.span),
    );
  } finally {
    running.delete(call.id);
  }
}

/** Delivers what a page has to send, since this process has a spool. */
async function deliver({ id, relay }) {
  sendMessage(sky.stdin, { id, result: await acceptRelayed(relay) });
}

function hearSky(message) {
  if (message.done !== undefined) results = message.done;
  else if (message.cancel !== undefined) running.get(message.cancel)?.abort();
  else if (message.relay !== undefined) void deliver(message);
  else void invoke(message);
}

const server = await serveVine("MountainService", {
  handle: (method) => Promise.reject(new Error(`Mountain has no ${method}`)),
  notify: emit,
});

async function startSidecar(service, file, args) {
  const child = spawnTier(file, childEnvironment(tierEnvironment(process.env)), args);
  const port = await new Promise((resolve, reject) => {
    void onMessages(child.stdout, (message) => resolve(message.port));
    child.exited.then(() => reject(new Error(`${file} ended before it listened`)), reject);
  });
  return { child, ...connectVine(service, port) };
}

const sky = await context.with(session.context, () =>
  withSpan("land:mountain:launch", async () => {
    [tiers.cocoon, tiers.air] = await Promise.all([
      startSidecar("CocoonService", "cocoon.mjs", [String(server.port)]),
      startSidecar("AirService", "air.mjs"),
    ]);
    // A program that stands in for the webview, or the shell of a real one (examples/webview).
    return spawnTier(process.argv[2] ?? "sky.mjs", childEnvironment(tierEnvironment(process.env)));
  }),
);

const heard = onMessages(sky.stdout, hearSky);
await sky.exited;
await heard;
for (const { child, close } of Object.values(tiers)) {
  close();
  child.stdin.end();
  await child.exited;
}
await server.close();
await shutdown(SHUTDOWN_MS);
sendMessage(process.stdout, results);
