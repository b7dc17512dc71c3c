import { createServer } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSidecar } from "./startSidecar.mjs";

/** A full batch of the BatchSpanProcessor. */
const BATCH = 512;

/**
 * Real requests of the package's own pipe: a sidecar's full batches as sent, with what is needed to change trace ids.
 * `{ headers, batches: [{ body, spans, traces: [[offset]] }] }`; offsets only for uncompressed protobuf.
 */
export async function captureBatches(env) {
  const requests = [];
  const server = createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      requests.push({ headers: request.headers, body: Buffer.concat(chunks) });
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const spool = mkdtempSync(join(tmpdir(), "land-capture-"));
  const made = [];
  try {
    await startSidecar({
      url: `http://127.0.0.1:${server.address().port}`,
      spool,
      made,
      args: ["--seconds", "3", "--rate", "700"],
      env,
    }).ended;
  } finally {
    server.close();
    rmSync(spool, { recursive: true, force: true });
  }
  // The first and the last two may be incomplete batches; the others are full.
  const full = requests.slice(1, -2);
  const { "content-type": type, "content-encoding": encoding } = full[0].headers;
  const headers = {
    "content-type": type,
    ...(encoding === undefined ? {} : { "content-encoding": encoding }),
  };
  const batches = full.map(({ body }) => ({
    body,
    spans: BATCH,
    traces: type === "application/json" ? [] : offsetsOfTraces(body, made),
  }));
  for (const { traces } of batches) {
    const found = traces.flat().length;
    if (type !== "application/json" && found !== BATCH)
      throw new Error(`A batch of ${BATCH} spans was expected, not of ${found}.`);
  }
  return { headers, batches };
}

/** The offsets of the trace ids of all spans, one list for each trace. */
function offsetsOfTraces(body, made) {
  const traces = [];
  for (const traceId of new Set(made.map(({ traceId }) => traceId))) {
    const id = Buffer.from(traceId, "hex");
    const offsets = [];
    for (let at = body.indexOf(id); at >= 0; at = body.indexOf(id, at + 1)) offsets.push(at);
    if (offsets.length > 0) traces.push(offsets);
  }
  return traces;
}

/** The body of a batch with new trace ids, if their offsets are known. */
export function renew({ body, traces }) {
  if (traces.length === 0) return body;
  const copy = Buffer.from(body);
  for (const offsets of traces) {
    const low = Math.floor(Math.random() * 2 ** 32);
    const high = Math.floor(Math.random() * 2 ** 32);
    for (const offset of offsets) {
      copy.writeUInt32BE(low, offset + 4);
      copy.writeUInt32BE(high, offset + 12);
    }
  }
  return copy;
}
