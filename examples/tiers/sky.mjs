/** Sky, the webview: acts for the user. Speaks Tauri-shaped JSON with Mountain over stdin and stdout. */
import { ROOT_CONTEXT, SpanKind, context } from "@opentelemetry/api";
import {
  Tier,
  adoptPayloadMark,
  extractPayload,
  injectPayload,
  register,
  shutdown,
  withSpan,
} from "land-telemetry";
import { parentContext } from "land-telemetry/environment";

register(Tier.Sky);

const { onMessages, sendMessage } = await import("./lines.mjs");
const { SHUTDOWN_MS } = await import("./sidecar.mjs");

const waiting = new Map();
const listeners = new Map();
let last = 0;

void onMessages(process.stdin, (message) => {
  if (message.event === undefined) return waiting.get(message.id)?.(message);
  context.with(extractPayload(message.payload, ROOT_CONTEXT), () =>
    withSpan(
      "land:sky:event:handle",
      { kind: SpanKind.CONSUMER, attributes: { "land.event": message.event } },
      () => listeners.get(message.event)?.(message.payload),
    ),
  );
});

const once = (event) => new Promise((resolve) => listeners.set(event, resolve));

/** Tauri's `invoke`: resolves to the result or rejects with Mountain's error. */
function invoke(command, params, { signal } = {}) {
  return withSpan(
    "land:sky:invoke",
    { kind: SpanKind.CLIENT, attributes: { "land.command": command } },
    async (span) => {
      const id = ++last;
      signal?.addEventListener("abort", () => sendMessage(process.stdout, { cancel: id }), {
        once: true,
      });
      const answer = new Promise((resolve) => waiting.set(id, resolve));
      sendMessage(process.stdout, { id, command, params: injectPayload(params) });
      const message = await answer;
      waiting.delete(id);
      if (message.error === undefined) return message.result;
      if (message.error.cancelled) return undefined;
      const failure = Object.assign(new Error(message.error.message), { code: message.error.code });
      // Cocoon has counted it; without this it would be an error of Sky's as well.
      adoptPayloadMark(message, span, failure);
      throw failure;
    },
  );
}

async function openWorkspace() {
  const scanned = once("extensions:scanned");
  const extensions = await invoke("extensions:scan", { directory: "node_modules" });
  const announced = await scanned;

  const watching = once("files:watching");
  const abort = new AbortController();
  const watch = invoke("files:watch", { directory: "examples/tiers" }, { signal: abort.signal });
  await watching;

  const [matches, tree] = await Promise.all([
    invoke("files:search", { extensions, text: "use strict" }),
    invoke("tree:hash", { directory: "lib" }),
  ]);
  abort.abort();
  await watch;

  let missing;
  try {
    await invoke("file:read", { file: "node_modules/.land/settings.json" });
  } catch (error) {
    missing = error.code;
  }
  return {
    extensions: extensions.length,
    announced: announced.count,
    matches: matches.length,
    files: tree.files,
    sha256: tree.sha256,
    missing,
  };
}

// What the user does belongs to the run that Mountain began; without `parentContext` it would be a separate root.
const done = await context.with(parentContext(), () =>
  withSpan("land:sky:workspace:open", openWorkspace),
);
sendMessage(process.stdout, { done });
await shutdown(SHUTDOWN_MS);
process.stdin.destroy();
