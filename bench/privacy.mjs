/*
 * What redaction adds to the OTLP pipe: µs for each span, compared with serialising the same spans without it; CPU of
 * the whole pipe to a local collector, with and without it; and the worst inputs of 8 kB, 64 kB and 1 MB. Prints tables
 * and writes bench/results/privacy.json.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const bundle = `${here}results/.privacy-bundle.cjs`;
mkdirSync(`${here}results`, { recursive: true });
await build({
  stdin: {
    contents:
      'export { createRedactor } from "./lib/redaction/createRedactor.js"; export { redactSpan } from "./lib/redaction/redactSpan.js";',
    resolveDir: `${here}..`,
    loader: "ts",
  },
  bundle: true,
  platform: "node",
  format: "cjs",
  external: ["@opentelemetry/*"],
  outfile: bundle,
  logLevel: "error",
});
const require = createRequire(pathToFileURL(bundle));
const { createRedactor, redactSpan } = require(bundle);
rmSync(bundle);
const { JsonTraceSerializer } = require("@opentelemetry/otlp-transformer");
const { BasicTracerProvider, BatchSpanProcessor } = require("@opentelemetry/sdk-trace-base");
const { resourceFromAttributes } = require("@opentelemetry/resources");

const redactor = createRedactor(
  { applicationRoot: "/opt/land/cocoon" },
  { home: "/home/jane.doe", user: "jane.doe" },
);
const resource = resourceFromAttributes({
  "service.name": "land-editor-cocoon",
  "service.version": "0.0.1",
  "land.tier": "cocoon",
  "process.pid": 4711,
});
const tracer = new BasicTracerProvider({ resource }).getTracer("land.cocoon", "0.1.0");

/** Small enough for many batches to finish without interruption by other processes. */
const BATCH = 64;
const ROUNDS = 600;
const WARM_UP = 100;

/** Spans of one kind, each with different values. */
function spans(make) {
  return Array.from({ length: BATCH }, (_, index) => {
    const span = make(index);
    span.end();
    return span;
  });
}

const ordinary = (index, own = tracer) =>
  own.startSpan("land:cocoon:handler", {
    attributes: {
      "rpc.system.name": "grpc",
      "rpc.method": `land.CocoonService/ProcessMountainRequest`,
      "server.address": "127.0.0.1",
      "server.port": 50052,
      "land.feature": `completion.provider.${index}`,
    },
  });
const failing = (index, own = tracer) => {
  const span = own.startSpan("land:cocoon:handler", {
    attributes: { "rpc.system.name": "grpc", "error.type": "TypeError" },
  });
  const frames = Array.from(
    { length: 10 },
    (_, frame) =>
      `    at Handler.step${frame} (/opt/land/cocoon/dist/handlers/file${index}.js:${frame + 10}:15)`,
  );
  span.recordException({
    name: "TypeError",
    message: `Cannot read properties of undefined (reading 'x${index}')`,
    stack: `TypeError: Cannot read properties\n${frames.join("\n")}`,
  });
  span.setStatus({ code: 2, message: `Cannot read properties of undefined (reading 'x${index}')` });
  return span;
};
const paths = (index, own = tracer) =>
  own.startSpan("land:cocoon:open", {
    attributes: Object.fromEntries(
      Array.from({ length: 5 }, (_, n) => [
        `land.path.${n}`,
        `/home/jane.doe/work/client-${index}/src/module-${n}/file-${index * 5 + n}.ts`,
      ]),
    ),
  });
const urls = (index, own = tracer) =>
  own.startSpan("land:cocoon:fetch", {
    attributes: Object.fromEntries(
      Array.from({ length: 5 }, (_, n) => [
        `land.url.${n}`,
        `https://example.com/packages/${index}/versions/${n}?session=${index * 5 + n}`,
      ]),
    ),
  });

/** A span with ten values of one kind, all different. */
const ten =
  (value) =>
  (index, own = tracer) =>
    own.startSpan("land:cocoon:values", {
      attributes: Object.fromEntries(
        Array.from({ length: 10 }, (_, n) => [`land.value.${n}`, value(index * 10 + n)]),
      ),
    });
const TENS = [
  ["ten new sentences", ten((n) => `The language server answered request ${n} after a short wait`)],
  [
    "ten new mixed texts",
    ten((n) => `${n} of 12 done (rust-analyzer): hover took ${n}.5 ms, id=${n}`),
  ],
  ["ten new paths", ten((n) => `/home/jane.doe/work/client-${n}/src/file-${n}.ts`)],
  [
    "ten new URLs with queries",
    ten((n) => `https://example.com/packages/${n}?session=${n}&page=2`),
  ],
];

/** The 10th percentile, because other processes on the machine can only add time. */
const typical = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 10)];
const microseconds = (run) => {
  const before = process.hrtime.bigint();
  run();
  return Number(process.hrtime.bigint() - before) / 1000;
};

/** A new string for each round, as in a real process: the round before has not hashed or flattened it. */
const fresh = (text) => Buffer.from(text).toString("latin1");
function freshen(span) {
  for (const key of Object.keys(span.attributes))
    if (typeof span.attributes[key] === "string")
      span.attributes[key] = fresh(span.attributes[key]);
  return span;
}

function measure(name, make) {
  const batch = spans(make);
  const bare = [];
  const redacted = [];
  const alone = [];
  for (let round = 0; round < ROUNDS + WARM_UP; round++) {
    batch.forEach(freshen);
    const without = microseconds(() => JsonTraceSerializer.serializeRequest(batch));
    batch.forEach(freshen);
    const withIt = microseconds(() =>
      JsonTraceSerializer.serializeRequest(batch.map((span) => redactSpan(redactor, span))),
    );
    batch.forEach(freshen);
    const only = microseconds(() => batch.map((span) => redactSpan(redactor, span)));
    if (round < WARM_UP) continue;
    bare.push(without / BATCH);
    redacted.push(withIt / BATCH);
    alone.push(only / BATCH);
  }
  const row = {
    name,
    bareUs: typical(bare),
    redactedUs: typical(redacted),
    addedUs: typical(alone),
  };
  return {
    ...row,
    ratio: (row.bareUs + row.addedUs) / row.bareUs,
    ratioEndToEnd: row.redactedUs / row.bareUs,
  };
}

/** Accepts what is posted, in a separate process, so that only the sender's time is measured. */
const COLLECTOR = `require("http").createServer((request, response) => request.resume().on("end", () => response.end("{}"))).listen(0, "127.0.0.1", function () { console.log(this.address().port); });`;
const PIPE_SPANS = 512;
const PIPE_ROUNDS = 60;
const PIPE_WARM_UP = 10;
/** Makes values that this process has not seen before: each round has new paths and URLs. */
let serial = 0;

/** CPU per span from start to the collector's reply (BatchSpanProcessor, JSON, HTTP), with and without redaction. */
async function measurePipes(kinds) {
  const child = spawn(process.execPath, ["-e", COLLECTOR], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(child.stdout, "data");
  const agent = new Agent({ keepAlive: true });
  const post = (body) =>
    new Promise((resolve, reject) => {
      const options = {
        host: "127.0.0.1",
        port: Number(String(line)),
        path: "/v1/traces",
        method: "POST",
        agent,
        headers: { "content-type": "application/json", "content-length": body.length },
      };
      request(options, (response) => response.resume().on("end", resolve))
        .on("error", reject)
        .end(body);
    });
  const pipe = (change) => {
    const posts = new Set();
    const send = async (batch, done) => {
      const sent = post(JsonTraceSerializer.serializeRequest(change(batch)));
      posts.add(sent);
      await sent;
      posts.delete(sent);
      done({ code: 0 });
    };
    const exporter = {
      export: (batch, done) => void send(batch, done),
      shutdown: () => Promise.resolve(),
    };
    const processor = new BatchSpanProcessor(exporter, {
      scheduledDelayMillis: 60_000,
      maxExportBatchSize: PIPE_SPANS,
      maxQueueSize: 4 * PIPE_SPANS,
    });
    const provider = new BasicTracerProvider({ resource, spanProcessors: [processor] });
    return { provider, posts, tracer: provider.getTracer("land.cocoon", "0.1.0") };
  };
  const pipes = [
    pipe((batch) => batch),
    pipe((batch) => batch.map((span) => redactSpan(redactor, span))),
  ];
  const rows = [];
  for (const [name, make] of kinds) {
    const costs = [[], []];
    for (let round = 0; round < PIPE_ROUNDS + PIPE_WARM_UP; round++) {
      for (const [which, { provider, posts, tracer: own }] of pipes.entries()) {
        const before = process.cpuUsage();
        for (let index = 0; index < PIPE_SPANS; index++) make(serial++, own).end();
        await provider.forceFlush();
        // A flush does not wait for requests that are already in flight.
        await Promise.all(posts);
        const { user, system } = process.cpuUsage(before);
        if (round >= PIPE_WARM_UP) costs[which].push((user + system) / PIPE_SPANS);
      }
    }
    const [bareUs, redactedUs] = costs.map(typical);
    rows.push({ name, bareUs, redactedUs, ratio: redactedUs / bareUs });
  }
  agent.destroy();
  child.kill();
  return rows;
}

const EIGHT_KB = 8_192;
const SIXTY_FOUR_KB = 65_536;
const MEGABYTE = 1_048_576;
const unlimited = createRedactor(
  { maxValueLength: Infinity, applicationRoot: "/opt/land/cocoon" },
  { home: "/home/jane.doe", user: "jane.doe" },
);
const UNITS = [
  "a",
  "a ",
  "/",
  "\\",
  "/a",
  "/a ",
  " /a/b",
  "(/a",
  "/home/",
  "/home/jane.doe",
  "/home/jane.doe ",
  "/opt/land/cocoon/",
  "/opt/land/cocoon ",
  " /opt/land/cocoon/a b/",
  "'/a/b ",
  '"/a/b',
  "@",
  "a@",
  "a@b",
  "a@b.",
  "a@b.c",
  "a.b@c.d ",
  "%",
  "%2F",
  "%40",
  "%252F",
  "%3A%2F%2F",
  "?",
  "?a",
  "?a=",
  "#",
  "http://",
  "http://a:b",
  "http://a:b@",
  "https://a:b/c?d#e",
  "a://",
  "file:///",
  "file:///a ",
  "\\\\a\\b",
  "C:\\",
  "C:\\a ",
  "~",
  "~/",
  "1Q~",
  "sk-",
  "sk-a",
  "ghp_",
  "ghp_a1 ",
  "eyJ",
  "eyJ.",
  "xoxb-",
  "AKIA",
  "AAA",
  "1:AA",
  "MTA",
  "MTAxMTAxMTAxMTAxMTAxMTA.",
  "us1",
  "-us1",
  "=",
  ":",
  "password=",
  "password: ",
  "password='",
  "token: a1",
  "authorization: ",
  "cookie: a",
  "Bearer ",
  "bearer a1",
  "basic ",
  "data:",
  "data:;base64,",
  "-----BEGIN ",
  "-----BEGIN PRIVATE KEY-----",
  "PuTTY-User-Key-File-",
  "jane.doe",
  "jane.doe ",
  "jane",
  "\n    at /a/b",
  "\n    at (/a:1",
  " at (/a",
  "\n",
  " (",
  "key-",
  "SKa",
  "1//0",
  ".",
  "..",
  "/..",
  "/../",
  "ä",
  "ä/",
  "/ä b",
  "/My A",
  "/a b c d e f g h ",
  "'",
  '"',
  "`",
  '\\"',
  '{"a":"/b/c"},',
  "é@é.é ",
];

function best(text, repetitions) {
  let least = Infinity;
  for (let run = 0; run < repetitions; run++) {
    const copy = fresh8(text);
    const cpu = process.cpuUsage();
    const wall = microseconds(() => unlimited.text(copy));
    const { user, system } = process.cpuUsage(cpu);
    // Other processes interrupt runs: CPU time leaves out the time in which this process did not run.
    least = Math.min(least, wall, user + system);
  }
  return least;
}
/** A copy that V8 has not seen; characters beyond Latin-1 do not occur in the units. */
const fresh8 = (text) => Buffer.from(text, "latin1").toString("latin1");

function worst(size, repetitions, prefix = "") {
  return UNITS.map((unit) => ({
    unit: prefix + unit,
    us: best((prefix + unit.repeat(Math.ceil(size / unit.length))).slice(0, size), repetitions),
  })).toSorted((a, b) => b.us - a.us);
}

const spansTable = [
  measure("ordinary span", ordinary),
  measure("error span", failing),
  measure("five new paths", paths),
  measure("five new URLs", urls),
  ...TENS.map(([name, make]) => measure(name, make)),
];
const pipesTable = await measurePipes([
  ["ordinary span", ordinary],
  ["error span", failing],
  ["five new paths", paths],
  ["five new URLs", urls],
]);
worst(EIGHT_KB, 3);
const PREFIXES = ["", "    at ", "http://a/", "'/", '\\"/'];
const eight = PREFIXES.flatMap((prefix) => worst(EIGHT_KB, 25, prefix)).toSorted(
  (a, b) => b.us - a.us,
);
const middle = PREFIXES.flatMap((prefix) => worst(SIXTY_FOUR_KB, 5, prefix)).toSorted(
  (a, b) => b.us - a.us,
);
const big = PREFIXES.flatMap((prefix) => worst(MEGABYTE, 1, prefix)).toSorted(
  (a, b) => b.us - a.us,
);
const perKilobyte = new Map(eight.map(({ unit, us }) => [unit, us / 8]));
const linearity = big
  .map(({ unit, us }) => ({ unit, ratio: us / 1024 / perKilobyte.get(unit) }))
  .toSorted((a, b) => b.ratio - a.ratio);

const round = (value) => Math.round(value * 1000) / 1000;
console.table(
  spansTable.map((row) => ({
    span: row.name,
    "bare µs": round(row.bareUs),
    "added µs": round(row.addedUs),
    "with redaction µs": round(row.redactedUs),
    ratio: round(row.ratio),
    "end to end": round(row.ratioEndToEnd),
  })),
);
console.table(
  pipesTable.map((row) => ({
    "CPU, start to answer": row.name,
    "bare µs": round(row.bareUs),
    "with redaction µs": round(row.redactedUs),
    ratio: round(row.ratio),
  })),
);
console.log("above 0.5 ms at 8 kB:", eight.filter(({ us }) => us > 500).length, "of", eight.length);
console.log(
  "slowest of 8 kB (ms):",
  eight
    .slice(0, 5)
    .map(({ unit, us }) => `${JSON.stringify(unit)} ${round(us / 1000)}`)
    .join(", "),
);
console.log(
  "slowest of 64 kB (ms):",
  middle
    .slice(0, 5)
    .map(({ unit, us }) => `${JSON.stringify(unit)} ${round(us / 1000)}`)
    .join(", "),
);
console.log(
  "slowest of 1 MB (ms):",
  big
    .slice(0, 5)
    .map(({ unit, us }) => `${JSON.stringify(unit)} ${round(us / 1000)}`)
    .join(", "),
);
console.log(
  "cost per kB at 1 MB over cost per kB at 8 kB, highest:",
  linearity
    .slice(0, 5)
    .map(({ unit, ratio }) => `${JSON.stringify(unit)} ${round(ratio)}`)
    .join(", "),
);
writeFileSync(
  `${here}results/privacy.json`,
  `${JSON.stringify({ node: process.version, spans: spansTable, pipes: pipesTable, eightKilobytes: eight, sixtyFourKilobytes: middle, oneMegabyte: big, linearity }, null, 2)}\n`,
);
