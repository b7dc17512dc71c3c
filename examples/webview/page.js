/** Sky as a page: a user's click begins a trace that continues in Mountain, Cocoon and Air. */
import { context, trace } from "@opentelemetry/api";
import { Tier, adoptPayloadMark, flush, register, withSpan } from "land-telemetry";
import { traceInvoke } from "land-telemetry/tauri";

register({ tier: Tier.Sky, relay: (body) => post("/relay", body) });

async function post(path, body) {
  const response = await fetch(path, { method: "POST", body });
  return response.json();
}

/** Stands in for Tauri's `invoke`. */
const invoke = traceInvoke(
  async (command, params) => {
    const span = trace.getActiveSpan();
    const message = await post("/invoke", JSON.stringify({ command, params }));
    if (message.error === undefined) return message.result;
    const failure = Object.assign(new Error(message.error.message), { code: message.error.code });
    // Cocoon has counted it; without this it would be an error of Sky's as well.
    adoptPayloadMark(message, span, failure);
    throw failure;
  },
  { carrier: "arguments" },
);

/** In a browser the context is not kept across an `await`, so the click's context is passed on explicitly. */
async function openWorkspace(click) {
  const inClick = (command, params) => context.with(click, () => invoke(command, params));
  const extensions = await inClick("extensions:scan", { directory: "node_modules" });
  const tree = await inClick("tree:hash", { directory: "lib" });
  const missing = await inClick("file:read", { file: "node_modules/.land/settings.json" }).catch(
    ({ code }) => code,
  );
  return { extensions: extensions.length, files: tree.files, missing };
}

document.querySelector("button").addEventListener("click", async ({ target }) => {
  target.disabled = true;
  const done = await withSpan("land:sky:click", (_span, click) => openWorkspace(click));
  document.querySelector("output").textContent = JSON.stringify(done);
  await flush(5_000);
  await post("/done", JSON.stringify(done));
});
