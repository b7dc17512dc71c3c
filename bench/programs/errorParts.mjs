/** What an error span is made of beyond the bare SDK's: each part of the mirror, measured by itself. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { buildSync } from "esbuild";
import { summary } from "../support/statistics.mjs";

const SPANS = 300;
const ROUNDS = 60;
const WARM_UP = 30;
const root = fileURLToPath(new URL("../..", import.meta.url));

/** Nanoseconds of each part of an error span, by name. */
export function errorParts() {
  const { BasicTracerProvider, createRedactor, spanToEvent, toWireEvent, formatRecord, Segment } =
    load();
  const tracer = new BasicTracerProvider().getTracer("land.cocoon", "0.1.0");
  const redactor = createRedactor(
    {},
    { home: "/home/bench", user: "bench", applicationRoot: "/opt/land/cocoon" },
  );
  const identity = {
    tier: "cocoon",
    app: { name: "fiddee", version: "0.0.1", buildMode: "debug" },
    distinctId: "land-dev-bench",
  };
  const directory = mkdtempSync(join(tmpdir(), "land-bench-"));
  const segment = Segment.create(join(directory, "segment"));
  const selected = { kind: "error", event: "land:cocoon:error" };

  const measured = new Map();
  const timed = (part, items, work) => {
    const before = process.hrtime.bigint();
    const results = items.map(work);
    const ns = Number(process.hrtime.bigint() - before) / SPANS;
    measured.set(part, [...(measured.get(part) ?? []), ns]);
    return results;
  };
  let serial = 0;
  for (let round = 0; round < ROUNDS + WARM_UP; round++) {
    if (round === WARM_UP) measured.clear();
    const errors = timed(
      "the Error and its stack, which recordException reads",
      Array.from({ length: SPANS }),
      () => {
        const error = new TypeError(`Cannot read properties of undefined (reading 'x${serial++}')`);
        void error.stack;
        return error;
      },
    );
    const spans = timed("the SDK's span and recordException", errors, (error) => {
      const span = tracer.startSpan("land:cocoon:handler");
      span.recordException(error);
      span.setStatus({ code: 2, message: error.message });
      span.end();
      return span;
    });
    const events = timed("the event's properties, identity and time", spans, (span) =>
      spanToEvent(span, "cocoon", selected, identity),
    );
    const bodies = timed("redaction and JSON", events, (event) => toWireEvent(event, redactor));
    const lines = timed("the record and its checksum", bodies, (body, index) =>
      formatRecord({ id: events[index].uuid, count: 1, urgent: true, body }, Date.now()),
    );
    timed("the append to the file", lines, (line) => segment.append(line, Buffer.byteLength(line)));
    segment.truncate();
  }
  segment.remove();
  rmSync(directory, { recursive: true, force: true });
  return new Map([...measured].map(([part, values]) => [part, summary(values)]));
}

function load() {
  const file = join(root, ".cache/bench/error-parts.cjs");
  mkdirSync(join(root, ".cache/bench"), { recursive: true });
  const sources = {
    createRedactor: "privacy/createRedactor",
    spanToEvent: "mirror/spanToEvent",
    toWireEvent: "mirror/toWireEvent",
    formatRecord: "delivery/segmentLine",
    Segment: "delivery/Segment",
  };
  const contents = Object.entries(sources)
    .map(([name, path]) => `export { ${name} } from "./lib/${path}.js";`)
    .join("\n");
  buildSync({
    stdin: {
      contents: `${contents}\nexport { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";`,
      resolveDir: root,
      loader: "ts",
    },
    bundle: true,
    platform: "node",
    format: "cjs",
    external: ["@opentelemetry/api"],
    outfile: file,
    logLevel: "error",
  });
  return createRequire(pathToFileURL(file))(file);
}
