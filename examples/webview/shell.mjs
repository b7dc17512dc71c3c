/** The shell around the webview: serves the page under Sky's policy and connects it to Mountain, as Tauri does. */
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { onMessages, sendMessage } from "../tiers/lines.mjs";

/** Sky's own policy, without the other hosts that it names. */
const POLICY = [
  "default-src 'self'",
  "connect-src 'self' http://localhost:*",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");
const PAGE = `<!doctype html>
<title>Sky</title>
<script src="/shell.js"></script>
<script type="module" src="/page.js"></script>
<button>Open the workspace</button>
<output></output>
`;
/** The variables that a process would find in its environment; the session and its trace are Mountain's. */
const INJECTED = [
  ...["Capture", "Report", "Emit", "Authorize", "Beam", "Pipe", "Brand"],
  ...["TRACEPARENT", "BAGGAGE"],
];

const variables = Object.fromEntries(INJECTED.map((name) => [name, process.env[name]]));
const { outputFiles } = buildSync({
  entryPoints: [fileURLToPath(new URL("page.js", import.meta.url))],
  bundle: true,
  splitting: true,
  format: "esm",
  outdir: "/",
  write: false,
  define: { "process.env.NODE_ENV": '"development"' },
});
const files = new Map([
  ["/", PAGE],
  ["/shell.js", `globalThis.__LAND_TELEMETRY__ = ${JSON.stringify(variables)};`],
  ...outputFiles.map(({ path, text: code }) => [`/${path.split(/[\\/]/).at(-1)}`, code]),
]);

const waiting = new Map();
let last = 0;
void onMessages(process.stdin, (message) => waiting.get(message.id)?.(message));

/** Sends a message to Mountain and resolves to the answer. */
function ask(message) {
  const id = ++last;
  const answer = new Promise((resolve) => waiting.set(id, resolve));
  sendMessage(process.stdout, { id, ...message });
  return answer;
}

const ROUTES = {
  "/invoke": (body) => ask(JSON.parse(body)),
  "/relay": async (body) => (await ask({ relay: body })).result,
  "/done": (body) => JSON.parse(body),
};

const server = createServer(async (request, response) => {
  const { method, url } = request;
  const file = files.get(url);
  response.setHeader("content-security-policy", POLICY);
  if (method === "POST" && url in ROUTES) {
    const answer = await ROUTES[url](await text(request));
    response.setHeader("content-type", "application/json").end(JSON.stringify(answer));
    if (url === "/done") response.once("close", () => end(answer));
  } else if (file !== undefined) {
    response.setHeader("content-type", url === "/" ? "text/html" : "text/javascript").end(file);
  } else response.writeHead(404).end();
});

function end(done) {
  sendMessage(process.stdout, { done });
  server.close();
  server.closeAllConnections();
  process.stdin.destroy();
}

server.listen(0, "127.0.0.1", () => {
  process.stderr.write(`Open http://localhost:${server.address().port}/ and click the button.\n`);
});
