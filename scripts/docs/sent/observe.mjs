/** Runs the programs with a plain server and an empty home directory, and collects the names of all that is sent. */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { gunzipSync } from "node:zlib";
import { ROOT } from "../pages.mjs";
import { PROGRAMS } from "./programs.mjs";

/** What a separate run appends to everything that passes through redaction. */
const MARK = "\u00a4";

/** Names that people use for the ways that `CARRYING` notes. */
const WAYS = {
  inject: "inject",
  payload: "injectPayload",
  worker: "injectWorkerData",
  environment: "childEnvironment",
  answer: "markPayload",
  port: "tracePort",
  grpcRequest: "gRPC request",
  grpcResponse: "gRPC response",
  jsonrpcRequest: "JSON-RPC request",
  jsonrpcResponse: "JSON-RPC response",
};

/** Exit codes other than 0; a process that was killed has none. */
const ENDS = { UNCAUGHT: 1, DYING: null };
const DYING_OF_AN_ABORT = PROGRAMS.DYING.replace('kill(process.pid, "SIGKILL")', "abort()");

/** The fields of one place: for each name the types of its values, where it was seen and whether it was redacted. */
class Fields {
  #fields = new Map();

  add(seenName, value, on) {
    // The keys of nested objects are redacted too.
    const name = seenName.replaceAll(MARK, "");
    if (name.startsWith("my.")) return;
    const field = this.#fields.get(name) ?? { types: new Set(), on: new Set(), redacted: false };
    if (value !== undefined) field.types.add(Array.isArray(value) ? "list" : typeof value);
    if (on !== undefined) field.on.add(on);
    field.redacted ||= value !== undefined && JSON.stringify(value).includes(MARK);
    this.#fields.set(name, field);
  }

  /** The fields without empty lists, if the same list was also seen with something in it. */
  entries() {
    const names = [...this.#fields.keys()];
    return new Map(
      [...this.#fields].filter(([name]) => !names.some((other) => other.startsWith(`${name}[]`))),
    );
  }
}

/** Where each field was seen, by the places of `fields.mjs`. */
export async function observe() {
  const places = Object.fromEntries(
    [
      "requests",
      "headers",
      "traces",
      "resource",
      "attributes",
      "spanEvents",
      "batch",
      "properties",
      "exception",
      "spool",
      "files",
      "run",
      "journal",
      "recording",
      "carriers",
      "baggage",
    ].map((name) => [name, new Fields()]),
  );
  const requests = [];
  const server = await listen(requests);
  const home = mkdtempSync(join(tmpdir(), "land-sent-"));
  try {
    const { port } = server.address();
    const url = `http://127.0.0.1:${port}`;
    const run = (program, env = {}, args = []) =>
      execute(program, args, { ...pipesTo(url), HOME: home, ...env });
    const ports = await run("EVERYTHING", { OTEL_EXPORTER_OTLP_COMPRESSION: "none", Record: "1" });
    if (ports.trim() !== JSON.stringify([port]))
      throw new Error(`connections to other ports than ${port}: ${ports}`);
    await run("EVERYTHING", { MARK });
    await run("UNCAUGHT");
    // The parent sees how its child ended and reports it.
    await run("WATCHING", { MARK, CHILD: PROGRAMS.DYING });
    await run("WATCHING", { CHILD: DYING_OF_AN_ABORT });
    await run("ADOPTING");
    const carriers = JSON.parse(await run("CARRYING"));
    for (const [way, names] of Object.entries(carriers))
      for (const name of names)
        way === "baggage"
          ? places.baggage.add(name)
          : places.carriers.add(name, undefined, WAYS[way]);
    for (const request of requests) readRequest(request, places);
    // Nothing listens on the discard port of this machine.
    const nowhere = { Pipe: "http://127.0.0.1:9", Beam: "http://127.0.0.1:9", Record: "1" };
    for (const protocol of ["http/json", "http/protobuf"])
      await run("SPOOLING", nowhere, [protocol]);
    await run("DYING", nowhere);
    readHome(join(home, ".local/state/land-telemetry"), places);
  } finally {
    server.closeAllConnections();
    server.close();
    rmSync(home, { recursive: true, force: true });
  }
  return Object.fromEntries(
    Object.entries(places).map(([name, fields]) => [name, fields.entries()]),
  );
}

function pipesTo(url) {
  return {
    PATH: process.env.PATH,
    Capture: "true",
    Report: "true",
    Emit: "true",
    Authorize: "phc_sent",
    Brand: "someone",
    Pipe: url,
    Beam: url,
  };
}

function listen(requests) {
  const server = createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const bytes = Buffer.concat(chunks);
      const body = request.headers["content-encoding"] === "gzip" ? gunzipSync(bytes) : bytes;
      requests.push({
        line: `${request.method} ${request.url}`,
        headers: request.headers,
        body: JSON.parse(body.toString("utf8")),
      });
      response.setHeader("content-type", "application/json").end("{}");
    });
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

function execute(name, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--input-type=module", "-e", PROGRAMS[name], ...args], {
      cwd: ROOT,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const output = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"])
      child[stream].setEncoding("utf8").on("data", (text) => (output[stream] += text));
    child.on("error", reject);
    child.on("close", (code) =>
      code === (name in ENDS ? ENDS[name] : 0)
        ? resolve(output.stdout)
        : reject(new Error(`${name} ended with ${code}: ${output.stderr}`)),
    );
  });
}

function readRequest({ line, headers, body }, places) {
  places.requests.add(line);
  for (const [name, value] of Object.entries(headers)) places.headers.add(name, value);
  if (line.endsWith("/v1/traces")) readTraces(body, places);
  else readBatch(body, places);
}

function readTraces(body, places) {
  walk(body, "", (path, value) => places.traces.add(path, value));
  for (const { resource, scopeSpans } of body.resourceSpans) {
    for (const { key, value } of resource.attributes) places.resource.add(key, plain(value));
    for (const span of scopeSpans.flatMap(({ spans }) => spans)) {
      const on = JSON.stringify(span).includes(MARK) ? undefined : nameOf(span);
      for (const { key, value } of span.attributes)
        places.attributes.add(ledgerName(key), plain(value), on);
      for (const event of span.events)
        for (const { key, value } of event.attributes)
          places.spanEvents.add(
            key,
            plain(value),
            event.name.startsWith("my.") || event.name.endsWith(MARK) ? undefined : event.name,
          );
    }
  }
}

function readBatch(body, places) {
  walk(body, "", (path, value) => places.batch.add(path, value), new Set(["properties"]));
  for (const { event, properties } of body.batch) {
    const on = event.replace(/^land:\w+:/, "land:<tier>:");
    for (const [key, value] of Object.entries(properties))
      places.properties.add(key, value, on.startsWith("my.") ? "captureEvent" : on);
    if (event === "$exception")
      walk({ list: properties.$exception_list }, "", (path, value) =>
        places.exception.add(path.replace(/^list\[\]\.?/, ""), value),
      );
  }
}

/** Calls `visit` with the path of every value that is not an object; members named in `closed` count as one value. */
function walk(value, path, visit, closed = new Set(["attributes"])) {
  if (Array.isArray(value)) {
    if (value.some((item) => typeof item === "object"))
      for (const item of value) walk(item, `${path}[]`, visit, closed);
    else visit(path, value);
  } else if (typeof value === "object" && value !== null) {
    for (const [key, member] of Object.entries(value)) {
      const inner = path === "" ? key : `${path}.${key}`;
      if (closed.has(key)) visit(inner, member);
      else walk(member, inner, visit, closed);
    }
  } else visit(path, value);
}

function plain(value) {
  return Object.values(value)[0]?.values ?? Object.values(value)[0];
}

/** The counts have a name for each pipe and state and for each reason that occurred. */
function ledgerName(key) {
  return key
    .replace(/^(land\.ledger\.)\w+(\.dropped\.)\w+$/, "$1<pipe>$2<reason>")
    .replace(/^(land\.ledger\.)(?:posthog|otlp)\./, "$1<pipe>.");
}

/** The kind of a span, in words for people. */
function nameOf({ name, kind, attributes }) {
  const system = attributes.find(({ key }) => key === "rpc.system.name");
  if (system !== undefined) return system.value.stringValue === "grpc" ? "gRPC" : "JSON-RPC";
  if (/^land:\w+:session:/.test(name)) return name.replace(/^land:\w+:/, "land:<tier>:");
  return name.startsWith("$") ? "traceHandler" : kind === 1 ? "withSpan, emitSpan" : name;
}

function readHome(root, places) {
  for (const entry of readdirSync(root, { recursive: true })) {
    const file = join(root, entry);
    if (!statSync(file).isFile()) continue;
    const [, kind] = /\.(run|spans)$/.exec(entry) ?? [];
    const place =
      { run: "run", spans: "journal" }[kind] ??
      (entry.startsWith("recordings") ? "recording" : "spool");
    const path = relative(root, file)
      .replace(/[0-9a-f]{32}/, "<hash of destination and key>")
      .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, "<session.id>")
      .replace(
        /\/\d+\.\d*\.\d*\.[0-9a-f]*\.\d+\.\w+\.(ndjson|run|spans)$/,
        "/<owner and a random part>.$1",
      );
    places.files.add(path);
    for (const line of readFileSync(file, "utf8")
      .split("\n")
      .filter((text) => text !== "")) {
      for (const [key, value] of Object.entries(JSON.parse(line))) places[place].add(key, value);
    }
  }
}
