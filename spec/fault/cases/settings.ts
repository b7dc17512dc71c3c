import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { createServer, request as httpRequest } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { connect } from "node:net";
import { join } from "node:path";
import type { Pipe } from "../../../lib/shared/Stats";
import { boundNow } from "../busy";
import type { Case } from "../Case";
import { certificate } from "../certificate";
import { FarEnd } from "../FarEnd";
import type { Row } from "../Row";
import { balanceMisses, compare, endOf, Misses } from "../Row";
import type { JobResult, Surroundings } from "../runJob";
import { faultHome, freshDirectory, runJob } from "../runJob";

/** Certificate authorities, client certificates, proxies and headers: requests are sent as the settings say. */
export const settings: Case = {
  name: "settings",
  async *run() {
    yield* ofCertificates();
    yield await ofHeaders();
    yield* ofProxies();
  },
};

type Environment = Readonly<Record<string, string>>;

const STEPS = [
  ["spans", 20],
  ["events", 5],
  ["flush", 5_000],
] as const;
const OTLP_ONLY: Environment = { Report: "false" };

function rowOf(
  name: string,
  pipe: Pipe,
  farEnd: FarEnd,
  results: readonly JobResult[],
  misses = new Misses(),
): Row {
  const { accepted, delivered, duplicates, lost } = compare(pipe, results, farEnd.arrivals);
  misses.expect(accepted > 0, "nothing was accepted");
  misses.expect(lost === 0, `${lost} lost`);
  for (const result of results) misses.expect(endOf(result) === "0", `ended by ${endOf(result)}`);
  misses.list.push(...balanceMisses(results));
  return { name, pipe, accepted, delivered, duplicates, lost, misses: misses.list };
}

/** Spans that the wrong settings cannot send stay on disk, and the right settings send them. */
async function* ofCertificates(): AsyncGenerator<Row> {
  const [server, client] = [await certificate("server.pem"), await certificate("client.pem")];
  const ours = (word: string, file: string): Environment => ({
    [`OTEL_EXPORTER_OTLP_${word}`]: file,
  });
  const authority = ours("CERTIFICATE", server.file);
  const identity = {
    ...ours("TRACES_CLIENT_CERTIFICATE", client.file),
    ...ours("CLIENT_KEY", client.keyFile),
  };
  const mutual = { requestCert: true, rejectUnauthorized: true, ca: [client.cert] };
  const cases: readonly [name: string, tls: object, without: Environment, right: Environment][] = [
    ["an authority of its own", {}, {}, authority],
    [
      "the traces variable before the general one",
      {},
      ours("CERTIFICATE", client.file),
      {
        ...ours("CERTIFICATE", client.file),
        ...ours("TRACES_CERTIFICATE", server.file),
      },
    ],
    ["a client's certificate", mutual, authority, { ...authority, ...identity }],
  ];
  for (const [name, tls, without, right] of cases) {
    const farEnd = await new FarEnd().listen({ ...server, ...tls });
    const where = { url: `https://127.0.0.1:${farEnd.port}`, spool: freshDirectory() };
    const run = (env: Environment): Promise<JobResult> =>
      runJob({ steps: STEPS }, { ...where, env: { ...OTLP_ONLY, ...env } });
    const refused = await run(without);
    const misses = new Misses();
    misses.expect(farEnd.requests === 0, `${farEnd.requests} requests without it`);
    const taken = await run(right);
    yield rowOf(name, "otlp", farEnd, [refused, taken], misses);
    await farEnd.close();
  }
}

/** A header that HTTP cannot carry is left out; the others and the spans are sent. */
async function ofHeaders(): Promise<Row> {
  const farEnd = await new FarEnd().listen();
  const seen: IncomingMessage["headers"][] = [];
  farEnd.behaviour = (response, request, body) => {
    seen.push(request.headers);
    farEnd.accept(response, request, body);
  };
  const headers =
    "x-good=1,a b=2,x-break=a%0d%0ab: c,content-length=5,x-wide=%F0%9F%8E%89,=3,x-none,x-last=%20z";
  const where = { url: `http://127.0.0.1:${farEnd.port}`, spool: freshDirectory() };
  const env = { ...OTLP_ONLY, OTEL_EXPORTER_OTLP_HEADERS: headers };
  const result = await runJob({ steps: STEPS }, { ...where, env });
  const misses = new Misses();
  const [first = {}] = seen;
  misses.expect(first["x-good"] === "1" && first["x-last"] === "z", "the good ones are not there");
  misses.expect(!("x-break" in first) && !("b" in first), "a line break went out");
  misses.expect(result.lines.length > 0, "it was not said");
  await farEnd.close();
  return rowOf("headers that HTTP cannot carry", "otlp", farEnd, [result], misses);
}

/** A Node that supports `NODE_USE_ENV_PROXY`: this one, or else a newer one that npm installs. */
function nodeWithProxies(): string {
  if (process.allowedNodeEnvironmentFlags.has("--use-env-proxy")) return process.execPath;
  const folder = join(faultHome(), "node24");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), "{}");
  const how = ["install", "node@24", "--no-audit", "--no-fund", "--loglevel=error"];
  execFileSync("npm", how, { cwd: folder, stdio: "inherit" });
  return join(folder, "node_modules", "node", "bin", "node");
}

/** A proxy that counts requests and tunnels, and forwards them unless it hangs. */
async function startProxy(isHung = false): Promise<{ port: number; used(): number; stop(): void }> {
  let used = 0;
  const sockets = new Set<Socket>();
  const proxy = createServer((request, response) => {
    used++;
    if (isHung) return;
    const { method, headers, url = "" } = request;
    const onward = httpRequest(url, { method, headers }, (reply) => {
      response.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(response);
    });
    onward.on("error", () => response.destroy());
    request.pipe(onward);
  });
  proxy.on("connect", (request: IncomingMessage, socket: Socket) => {
    used++;
    if (isHung) return;
    const [host = "", port = ""] = (request.url ?? "").split(":");
    const onward = connect(Number(port), host, () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      onward.pipe(socket).pipe(onward);
    });
    for (const end of [onward, socket]) end.on("error", () => (onward.destroy(), socket.destroy()));
  });
  proxy.on("connection", (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const { port } = proxy.address() as AddressInfo;
  return {
    port,
    used: () => used,
    stop: () => {
      for (const socket of sockets) socket.destroy();
      proxy.close();
    },
  };
}

async function* ofProxies(): AsyncGenerator<Row> {
  const node = nodeWithProxies();
  const { cert, key, file } = await certificate("proxied.pem");
  const on: Environment = { NODE_USE_ENV_PROXY: "1", NODE_EXTRA_CA_CERTS: file };
  const cases: readonly [name: string, env: Environment, goesThrough: boolean][] = [
    ["a proxy", on, true],
    ["NO_PROXY", { ...on, NO_PROXY: "example.com,127.0.0.1" }, false],
    ["a proxy that Node was not told to use", { NODE_EXTRA_CA_CERTS: file }, false],
  ];
  for (const scheme of ["http", "https"])
    for (const [name, env, goesThrough] of cases) {
      const proxy = await startProxy();
      const farEnd = await new FarEnd().listen(scheme === "https" ? { cert, key } : undefined);
      const url = `http://127.0.0.1:${proxy.port}`;
      const where: Surroundings = {
        url: `${scheme}://127.0.0.1:${farEnd.port}`,
        spool: freshDirectory(),
        env: { ...env, HTTP_PROXY: url, HTTPS_PROXY: url },
        node,
      };
      const result = await runJob({ steps: STEPS }, where);
      for (const pipe of ["otlp", "posthog"] as const) {
        const misses = new Misses();
        misses.expect(proxy.used() > 0 === goesThrough, `the proxy was used ${proxy.used()} times`);
        misses.expect(farEnd.requests > 0, "nothing arrived");
        yield rowOf(`${name}, ${scheme}`, pipe, farEnd, [result], misses);
      }
      proxy.stop();
      await farEnd.close();
    }
  yield await hungProxy(node, on);
}

/** A proxy that never answers does not keep the process alive, and nothing is lost. */
async function hungProxy(node: string, on: Environment): Promise<Row> {
  const proxy = await startProxy(true);
  const farEnd = await new FarEnd().listen();
  const spool = freshDirectory();
  const url = `http://127.0.0.1:${farEnd.port}`;
  const throughProxy = { ...on, HTTP_PROXY: `http://127.0.0.1:${proxy.port}` };
  const steps = STEPS.slice(0, 2);
  const held = await runJob({ steps }, { url, spool, node, env: throughProxy });
  const after = await runJob({ steps: STEPS }, { url, spool, node });
  const misses = new Misses();
  misses.expect(held.endMs <= boundNow(MAX_END_MS), `the end took ${Math.round(held.endMs)} ms`);
  proxy.stop();
  await farEnd.close();
  return rowOf("a proxy that hangs, then none", "posthog", farEnd, [held, after], misses);
}

/** The process may wait 250 ms for its last requests. */
const MAX_END_MS = 500;
