import type { Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { build, stop } from "esbuild";
import type { Browser, BrowserContext } from "playwright-core";
import { launch } from "../../inspector/page/browser.js";
import { ROOT } from "../../support/runApp.js";
import type { WireEvent, WireSpan } from "../../support/receiver.js";

/** Sky's own policy: no Tauri scheme, this machine only as `localhost`, and Trusted Types enforced. */
export const SKY_POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "connect-src 'self' http://localhost:* https://tauri.localhost wss://tauri.localhost https:",
  "worker-src 'self'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

/** The same policy, but nothing may be fetched. */
export const CLOSED_POLICY = SKY_POLICY.replace(/connect-src[^;]*/, "connect-src 'none'");

export interface Site {
  readonly url: string;
  /** The URL of a page that loads a script, with the variables that its shell injects. */
  page(script: string, variables?: Readonly<Record<string, unknown>>): string;
  close(): Promise<void>;
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

/** Bundles programs with esbuild as an application would; each worker into one file, since some cannot import. */
async function bundle(programs: Readonly<Record<string, string>>, isWorker: boolean) {
  const entryPoints = Object.keys(programs).map((name) => ({ in: `program:${name}`, out: name }));
  const { outputFiles } = await build({
    entryPoints,
    bundle: true,
    splitting: !isWorker,
    format: isWorker ? "iife" : "esm",
    platform: "browser",
    target: "es2022",
    outdir: ROOT,
    write: false,
    minify: true,
    define: { "process.env.NODE_ENV": '"development"' },
    logLevel: "error",
    plugins: [
      {
        name: "programs",
        setup(setup) {
          setup.onResolve({ filter: /^program:/ }, ({ path }) => ({ path, namespace: "program" }));
          setup.onLoad({ filter: /.*/, namespace: "program" }, ({ path }) => ({
            contents: programs[path.slice("program:".length)] ?? "",
            resolveDir: ROOT,
          }));
        },
      },
    ],
  });
  return outputFiles;
}

/** Serves bundled programs, each on a page with this policy. */
export async function startSite(
  programs: Readonly<Record<string, string>>,
  policy = SKY_POLICY,
  workers: Readonly<Record<string, string>> = {},
): Promise<Site> {
  const outputFiles = [...(await bundle(programs, false)), ...(await bundle(workers, true))];
  // The esbuild service would keep Jest from exiting.
  await stop();
  const files = new Map(outputFiles.map(({ path, text }) => [path.slice(ROOT.length), text]));
  const injected = new Map<string, string>();
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    const code = files.get(pathname) ?? injected.get(pathname);
    response.setHeader("cache-control", "no-store");
    response.setHeader("content-security-policy", policy);
    if (code !== undefined) response.setHeader("content-type", "text/javascript").end(code);
    else if (pathname === "/page")
      response
        .setHeader("content-type", "text/html")
        .end(
          `<!doctype html><title>Sky</title><script src="/${searchParams.get("variables") ?? ""}"></script><script type="module" src="/${searchParams.get("script") ?? ""}.js"></script>`,
        );
    else response.writeHead(204).end();
  });
  const url = `http://localhost:${await listen(server)}`;
  return {
    url,
    page: (script, variables = {}) => {
      const name = `injected-${injected.size}.js`;
      injected.set(`/${name}`, `globalThis.__LAND_TELEMETRY__ = ${JSON.stringify(variables)};`);
      return `${url}/page?script=${script}&variables=${name}`;
    },
    close: () => close(server),
  };
}

function textOf(body: Buffer, encoding: string | undefined): string {
  return String(encoding === "gzip" ? gunzipSync(body) : body);
}

/** The status that a far end answers with, or `hang` for no answer. */
export type Mood = number | "hang";

/** A collector and a PostHog in one, open to pages of any origin. */
export interface FarEnd {
  readonly port: number;
  mood: Mood;
  readonly bodies: { readonly path: string; readonly body: string; readonly headers: object }[];
  readonly events: () => WireEvent[];
  readonly spans: () => (WireSpan & { resource: Record<string, unknown> })[];
  until(what: () => boolean, why: string): Promise<void>;
  close(): Promise<void>;
}

export async function startFarEnd(port = 0): Promise<FarEnd> {
  const bodies: { path: string; body: string; headers: object }[] = [];
  const waiting = new Set<() => void>();
  const hanging = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    const { mood } = farEnd;
    response.setHeader("access-control-allow-origin", "*");
    response.setHeader("access-control-allow-headers", "*");
    if (request.method === "OPTIONS") return void response.writeHead(204).end();
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      if (mood === "hang") return void hanging.add(response);
      if (mood === 200)
        bodies.push({
          path: request.url ?? "",
          body: textOf(Buffer.concat(chunks), request.headers["content-encoding"]),
          headers: request.headers,
        });
      response.writeHead(mood, { "content-type": "application/json" });
      response.end(request.url?.includes("/batch") === true ? '{"status":1}' : "{}");
      for (const look of waiting) look();
    });
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const parsed = (path: string) =>
    bodies.filter((each) => each.path.includes(path)).map(({ body }) => JSON.parse(body) as never);
  const farEnd: FarEnd = {
    port: (server.address() as AddressInfo).port,
    mood: 200,
    bodies,
    events: () => parsed("/batch").flatMap(({ batch }: { batch: WireEvent[] }) => batch),
    spans: () => parsed("/v1/traces").flatMap(spansOf),
    until: (what, why) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`${why} did not come`)), 30_000);
        const look = (): void => {
          if (!what()) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    close: () => close(server),
  };
  return farEnd;
}

interface Traces {
  readonly resourceSpans: readonly {
    readonly resource: {
      readonly attributes: readonly { key: string; value: Record<string, unknown> }[];
    };
    readonly scopeSpans: readonly { readonly spans: readonly WireSpan[] }[];
  }[];
}

export function spansOf({ resourceSpans }: Traces): (WireSpan & {
  resource: Record<string, unknown>;
})[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const attributes = resource.attributes.map(({ key, value }) => [key, Object.values(value)[0]]);
    const known = Object.fromEntries(attributes) as Record<string, unknown>;
    return scopeSpans.flatMap(({ spans }) => spans.map((span) => ({ ...span, resource: known })));
  });
}

/** The variables that make a page send to a far end. */
export function variablesFor({ port }: FarEnd): Record<string, unknown> {
  const to = `http://127.0.0.1:${port}`;
  return {
    Capture: true,
    Report: true,
    Emit: true,
    Authorize: "phc_page",
    Beam: to,
    Pipe: to,
    Brand: "land-dev-page",
    Buffer: 50,
  };
}

/** What the tests of a file use: one browser and site for all, and a new context and far end for each. */
export interface PageTest {
  readonly browser: Browser;
  readonly site: Site;
  readonly context: BrowserContext;
  readonly farEnd: FarEnd;
}

/** Sets these up and tears them down around the tests of the file that calls this. */
export function usePages(start: () => Promise<Site>): PageTest {
  const test = {} as { -readonly [Part in keyof PageTest]: PageTest[Part] };
  beforeAll(async () => {
    test.browser = await launch();
    test.site = await start();
  });
  afterAll(async () => {
    await test.browser.close();
    await test.site.close();
  });
  beforeEach(async () => {
    test.farEnd = await startFarEnd();
    test.context = await test.browser.newContext();
  });
  afterEach(async () => {
    await test.context.close();
    await test.farEnd.close();
  });
  return test;
}
