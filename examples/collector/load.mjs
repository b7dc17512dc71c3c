/**
 * How many spans a second one agent, one balancer and one gateway can take on this machine, and what that costs.
 *
 *   node examples/collector/load.mjs                     everything, about three minutes
 *   node examples/collector/load.mjs agent gateway       only those parts
 *
 * The batches come from a real sidecar: they are captured from its pipe and posted repeatedly. Rates are comparable
 * only between machines of the same kind; the CPU for each span compares better. Linux only: it reads /proc.
 */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, createServer, request } from "node:http";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { captureBatches, renew } from "./captureBatches.mjs";
import { findCollector } from "./findCollector.mjs";
import { readProcess } from "./readProcess.mjs";
import { startCollector } from "./startCollector.mjs";
import { startSidecar } from "./startSidecar.mjs";
import { freePorts } from "./startStack.mjs";

const WARM_UP_MS = 6_000;
const MEASURED_MS = 6_000;
/** Shorter than the shipped setting, so that the gateway decides about spans and releases them within the warm-up. */
const GATEWAY_WAIT_S = 5;
const SAMPLE_MS = 250;
/** Number of requests in flight at the same time; a sidecar has one. */
const IN_FLIGHT = 16;
const RATES = [5_000, 20_000, Infinity];
const SIDECARS = 2;
const SIDECAR_TRACES = 1_500;

const parts = { agent: measureAgent, gateway: measureGateway, sidecars: measureSidecars };
const asked = process.argv.slice(2).filter((argument) => !argument.startsWith("-"));
const { path, missing } = findCollector({ log: (line) => process.stdout.write(`${line}\n`) });
if (path === undefined) {
  process.stderr.write(`${missing}\n`);
} else {
  for (const [name, measure] of Object.entries(parts))
    if (asked.length === 0 || asked.includes(name)) await inFolder(name, measure);
  process.stdout.write(
    `${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}. The load and the backend run on the same cores.\n`,
  );
}

async function inFolder(name, measure) {
  const state = mkdtempSync(join(tmpdir(), "land-load-"));
  const sink = await startSink();
  try {
    process.stdout.write(`\n== ${name}\n`);
    console.table(await measure(state, sink));
  } finally {
    sink.close();
    rmSync(state, { recursive: true, force: true });
  }
}

/** An agent that receives a sidecar's batches in their default form: JSON, uncompressed on the way to this machine. */
async function measureAgent(state, sink) {
  const load = await captureBatches({});
  const rows = [];
  for (const rate of RATES) {
    const { agent, url, sent } = await startAgent(state, sink.url);
    const [row] = await measure({ url, load, rate, collectors: { agent }, sent: { agent: sent } });
    rows.push(row);
    await agent.stop("SIGKILL");
    rmSync(join(state, "agent"), { recursive: true, force: true });
  }
  return [...rows, bytesOf("a sidecar's batch, JSON", load)];
}

/** A balancer with one gateway behind it, which receive what an agent sends, with new traces in every batch. */
async function measureGateway(state, sink) {
  const load = await captureBatches({
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
    OTEL_EXPORTER_OTLP_COMPRESSION: "none",
  });
  const rows = [];
  for (const rate of RATES) {
    const [http, balancerHealth, balancerMetrics, grpc, health, metrics] = await freePorts(6);
    const gateway = await startCollector(path, {
      configs: ["gateway.yaml"],
      env: {
        LAND_GATEWAY_GRPC: local(grpc),
        LAND_GATEWAY_HEALTH: local(health),
        LAND_GATEWAY_METRICS_PORT: String(metrics),
        LAND_GATEWAY_WAIT: `${GATEWAY_WAIT_S}s`,
        LAND_BACKEND: sink.url,
        LAND_COLLECTOR_STATE: state,
      },
      health: local(health),
    });
    const balancer = await startCollector(path, {
      configs: ["balancer.yaml"],
      env: {
        LAND_BALANCER_HTTP: local(http),
        LAND_BALANCER_HEALTH: local(balancerHealth),
        LAND_BALANCER_METRICS_PORT: String(balancerMetrics),
        LAND_GATEWAYS: `[${local(grpc)}]`,
      },
      health: local(balancerHealth),
    });
    const before = readProcess(gateway.pid()).mib;
    const measured = await measure({
      url: `http://${local(http)}`,
      load,
      rate,
      collectors: { balancer, gateway },
      sent: { balancer: () => countSent(balancerMetrics), gateway: () => countSent(metrics) },
    });
    for (const row of measured) {
      rows.push(
        row.collector === "gateway"
          ? {
              ...row,
              "KiB per undecided span": round(
                ((row["MiB at most"] - before) * 1024) / (row["spans/s taken"] * GATEWAY_WAIT_S),
              ),
            }
          : row,
      );
    }
    await balancer.stop("SIGKILL");
    await gateway.stop("SIGKILL");
    rmSync(join(state, "gateway"), { recursive: true, force: true });
  }
  return [...rows, bytesOf("the same, protobuf", load)];
}

/** Real sidecars in front of one agent, until they have nothing left to send. */
async function measureSidecars(state, sink) {
  const { agent, url } = await startAgent(state, sink.url);
  const seconds = 15;
  const before = readProcess(agent.pid());
  const sidecars = Array.from({ length: SIDECARS }, (_, index) =>
    startSidecar({
      url,
      spool: join(state, `spool-${index}`),
      made: [],
      args: ["--quiet", "--seconds", String(seconds), "--rate", String(SIDECAR_TRACES)],
    }),
  );
  const started = performance.now();
  const books = await Promise.all(sidecars.map(({ ended }) => ended));
  const ms = performance.now() - started;
  const after = readProcess(agent.pid());
  await agent.stop("SIGKILL");
  const sum = (read) => books.reduce((total, book) => total + read(book), 0);
  const delivered = sum((book) => book.delivered);
  return [
    {
      collector: "agent",
      sidecars: SIDECARS,
      "spans made": sum((book) => book.accepted),
      delivered,
      dropped: sum((book) =>
        Object.values(book.dropped).reduce((total, count) => total + count, 0),
      ),
      "spans/s": Math.round(delivered / (ms / 1000)),
      "agent CPU %": round(((after.cpuMs - before.cpuMs) / ms) * 100),
      "agent CPU µs/span": round(((after.cpuMs - before.cpuMs) * 1000) / delivered),
      "agent MiB": Math.round(after.mib),
    },
  ];
}

async function startAgent(state, backend) {
  const [http, grpc, health, metrics] = await freePorts(4);
  const agent = await startCollector(path, {
    configs: ["agent.yaml"],
    env: {
      LAND_AGENT_HTTP: local(http),
      LAND_AGENT_GRPC: local(grpc),
      LAND_AGENT_HEALTH: local(health),
      LAND_AGENT_METRICS_PORT: String(metrics),
      LAND_BALANCER: backend,
      LAND_COLLECTOR_STATE: state,
    },
    health: local(health),
  });
  return { agent, url: `http://${local(http)}`, sent: () => countSent(metrics) };
}

/** Posts at a rate and measures what the collectors use once they are warm. Returns one row for each. */
async function measure({ url, load, rate, collectors, sent }) {
  const poster = startPosting(url, load, rate);
  await wait(WARM_UP_MS);
  const pids = Object.entries(collectors).map(([name, { pid }]) => ({ name, pid: pid(), mib: 0 }));
  const before = pids.map(({ pid }) => readProcess(pid).cpuMs);
  const sentBefore = await Promise.all(pids.map(({ name }) => sent[name]()));
  const counts = { ...poster.counts };
  const started = performance.now();
  while (performance.now() - started < MEASURED_MS) {
    await wait(SAMPLE_MS);
    for (const one of pids) one.mib = Math.max(one.mib, readProcess(one.pid).mib);
  }
  const ms = performance.now() - started;
  const taken = poster.counts.spans - counts.spans;
  const refused = poster.counts.refused - counts.refused;
  const used = pids.map(({ pid }, index) => readProcess(pid).cpuMs - before[index]);
  const sentAfter = await Promise.all(pids.map(({ name }) => sent[name]()));
  await poster.stop();
  return pids.map(({ name, mib }, index) => ({
    collector: name,
    "spans/s asked": rate === Infinity ? "as many as it takes" : rate,
    "spans/s taken": Math.round(taken / (ms / 1000)),
    "spans/s sent on": Math.round((sentAfter[index] - sentBefore[index]) / (ms / 1000)),
    "requests refused": refused,
    "CPU % of a core": Math.round((used[index] / ms) * 100),
    "CPU µs/span": round((used[index] * 1000) / taken),
    "MiB at most": Math.round(mib),
  }));
}

function startPosting(url, { headers, batches }, rate) {
  const agent = new Agent({ keepAlive: true, maxSockets: IN_FLIGHT });
  const counts = { spans: 0, refused: 0 };
  const started = performance.now();
  let sent = 0;
  let stopped = false;
  let next = 0;
  const lane = async () => {
    while (!stopped) {
      if (sent > (rate * (performance.now() - started)) / 1000) {
        await wait(5);
        continue;
      }
      const batch = batches[next++ % batches.length];
      sent += batch.spans;
      if (await post(url, agent, headers, renew(batch))) counts.spans += batch.spans;
      else counts.refused++;
    }
  };
  const lanes = Array.from({ length: IN_FLIGHT }, lane);
  return {
    counts,
    stop: async () => {
      stopped = true;
      await Promise.all(lanes);
      agent.destroy();
    },
  };
}

function post(url, agent, headers, body) {
  return new Promise((resolve) => {
    const outgoing = request(
      `${url}/v1/traces`,
      { method: "POST", agent, headers: { ...headers, "content-length": body.length } },
      (response) => {
        response.resume().on("end", () => resolve(response.statusCode === 200));
      },
    );
    outgoing.on("error", () => resolve(false)).end(body);
  });
}

/** A backend that accepts everything and reads nothing. */
async function startSink() {
  const server = createServer((incoming, response) => {
    incoming
      .resume()
      .on("end", () => response.writeHead(200, { "content-type": "application/x-protobuf" }).end());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://${local(server.address().port)}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** The number of spans sent on, by the collector's own count. */
async function countSent(port) {
  const text = await (await fetch(`http://${local(port)}/metrics`)).text();
  return [...text.matchAll(/^otelcol_exporter_sent_spans[^ ]* ([\d.e+]+)$/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );
}

function bytesOf(what, { batches }) {
  const bytes = batches.reduce((sum, { body }) => sum + body.length, 0);
  const spans = batches.reduce((sum, { spans: count }) => sum + count, 0);
  return { collector: what, "bytes per span": Math.round(bytes / spans) };
}

function local(port) {
  return `127.0.0.1:${port}`;
}

function round(value) {
  return Number(value.toFixed(1));
}
