/** What is done to an agent, a balancer and two gateways, and what must come out. All resolve to `{ rows, misses }`. */
import { mkdirSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { startInspector } from "land-telemetry/inspector";
import { findMisses, findUndone } from "../tiers/checkRun.mjs";
import { onMessages } from "../tiers/lines.mjs";
import { spawnTier, tierEnvironment } from "../tiers/spawnTier.mjs";
import { compareSampled, compareSpans } from "./compareSpans.mjs";
import { spansOf } from "./spansOf.mjs";
import { startBackend } from "./startBackend.mjs";
import { startSidecar } from "./startSidecar.mjs";
import { startStack } from "./startStack.mjs";

/** Collectors and sidecars retry after 30 s at the latest; then a gateway waits, and batches fill up. */
const ARRIVAL_LIMIT_MS = 120_000;
const OUTAGE_MS = 30_000;
const KEEP_ALL = ["keep-all.yaml", "json-to-backend.yaml"];
const SAMPLED = ["json-to-backend.yaml"];
const LATE = 200;
const ERROR_STATUS = 2;
/** The configured share is 10 %. Of about 2,000 traces, less than 5 % or more than 15 % would not be chance. */
const SHARE = { from: 0.05, to: 0.15 };

/** The tiers example: its spans go through the collectors, not directly, and are compared with its own recordings. */
export async function runTiers(path, state) {
  const inspector = await startInspector();
  const stack = await startStack(path, {
    backend: inspector.url,
    state,
    overlay: ["keep-all.yaml"],
  });
  try {
    const { PATH } = process.env;
    const settings = {
      Capture: "true",
      Report: "true",
      Emit: "true",
      Pipe: stack.url,
      Beam: inspector.url,
      Authorize: "phc_example",
      Brand: "land-example",
      Record: "1",
    };
    const mountain = spawnTier(
      "mountain.mjs",
      tierEnvironment({ PATH, HOME: home(state), ...settings }),
    );
    let results;
    await Promise.all([
      onMessages(mountain.stdout, (message) => (results = message)),
      mountain.exited,
    ]);
    await inspector
      .waitFor(() => findMisses(inspector).length === 0, { timeoutMs: ARRIVAL_LIMIT_MS })
      .catch(() => undefined);
    const [trace] = inspector.traces();
    const arrived = new Map(
      (trace?.spans ?? []).map(({ traceId, spanId, name, statusCode }) => [
        `${traceId}/${spanId}`,
        { traceId, spanId, name, error: statusCode === ERROR_STATUS, times: 1 },
      ]),
    );
    const { made, missing, foreign, changed } = compareSpans(recordedSpans(home(state)), arrived);
    const rows = [
      {
        what: "tiers example",
        "spans in": made,
        "spans out": arrived.size,
        lost: missing.length,
        tiers: trace?.tiers.length ?? 0,
        traces: inspector.traces().length,
      },
    ];
    return {
      rows,
      misses: [
        ...findUndone(results),
        ...findMisses(inspector),
        ...differences({ made, missing, foreign, changed }),
      ],
    };
  } finally {
    await stack.stop();
    await inspector.close();
  }
}

/** Everything is kept, while one gateway is dead for 30 s, the other for 10 s, and balancer and agent are killed. */
export async function runOutages(path, state, log) {
  const backend = await startBackend();
  const stack = await startStack(path, { backend: backend.url, state, overlay: KEEP_ALL });
  const made = [];
  const sidecar = (...args) =>
    startSidecar({ url: stack.url, spool: join(state, "spool"), made, args });
  const [first, second] = stack.gateways;
  const sidecars = [];
  try {
    sidecars.push(sidecar("--seconds", "50", "--rate", "100"));
    await wait(4_000);
    log("kills gateway 1 for 30 s");
    await first.stop("SIGKILL");
    await wait(8_000);
    log("kills the balancer");
    await stack.balancer.stop("SIGKILL");
    await stack.balancer.start();
    log("kills gateway 2 for 10 s: now there is none");
    await second.stop("SIGKILL");
    await wait(10_000);
    await second.start();
    await wait(OUTAGE_MS - 18_000);
    await first.start();
    log("gateway 1 is back; kills the agent for 5 s");
    await stack.agent.stop("SIGKILL");
    const leaving = sidecar("--seconds", "2", "--rate", "100", "--leave");
    const { spooled } = await leaving.ended;
    await wait(3_000);
    await stack.agent.start();
    log(`the agent is back; a sidecar that ended meanwhile left ${spooled} spans in its spool`);
    sidecars.push(sidecar("--seconds", "5", "--rate", "100"));
    await Promise.all(sidecars.map(({ ended }) => ended));
    const compare = () => compareSpans(made, backend.spans);
    await backend
      .until(() => compare().missing.length === 0, {
        limitMs: ARRIVAL_LIMIT_MS,
        explain: () => "not everything came",
      })
      .catch(() => undefined);
    const { made: went, arrived, missing, foreign, changed, repeated } = compare();
    const misses = [
      ...differences({ made: went, missing, foreign, changed }),
      ...(spooled > 0
        ? []
        : [
            "the sidecar that ended while the agent was dead left nothing in its spool, so this run proves nothing",
          ]),
    ];
    return {
      rows: [
        {
          what: "outages",
          "spans in": went,
          "spans out": arrived,
          lost: missing.length,
          "came twice": repeated,
        },
      ],
      misses,
    };
  } finally {
    for (const { kill } of sidecars) kill();
    await stack.stop();
    backend.close();
  }
}

/** The gateways as shipped. Both are dead for 30 s while the sidecars work; after that, some errors come late. */
export async function runSampling(path, state, log) {
  const backend = await startBackend();
  const stack = await startStack(path, { backend: backend.url, state, overlay: SAMPLED });
  const made = [];
  const sidecar = (...args) =>
    startSidecar({ url: stack.url, spool: join(state, "spool"), made, args });
  const sidecars = [];
  const decided = async () => {
    // Polled every second, since a gateway does not announce its decisions, which it makes once a second.
    for (const limit = Date.now() + ARRIVAL_LIMIT_MS; Date.now() < limit; await wait(1_000))
      if ((await stack.undecided()) === 0) return;
  };
  try {
    log("kills both gateways for 30 s");
    await Promise.all(stack.gateways.map(({ stop }) => stop("SIGKILL")));
    for (let index = 0; index < 3; index++)
      sidecars.push(sidecar("--seconds", "20", "--rate", "40"));
    await wait(OUTAGE_MS);
    await Promise.all(stack.gateways.map(({ start }) => start()));
    log("the gateways are back");
    await Promise.all(sidecars.map(({ ended }) => ended));
    const compare = () => compareSampled(made, backend.spans);
    await backend
      .until(() => compare().lost.length === 0, {
        limitMs: ARRIVAL_LIMIT_MS,
        explain: () => "not everything came",
      })
      .catch(() => undefined);

    const latecomer = sidecar("--late", String(LATE));
    sidecars.push(latecomer);
    await latecomer.ready;
    const early = () =>
      [...backend.spans.values()].filter(({ name }) => name === "land:cocoon:early").length;
    // The kept share of the early traces, which shows that they have passed a gateway.
    await backend.until(() => early() > 0, {
      limitMs: ARRIVAL_LIMIT_MS,
      explain: () => "no early trace came",
    });
    await decided();
    const dropped = LATE - early();
    log(`${dropped} traces have been dropped; now an error comes in each of them`);
    latecomer.tell();
    await latecomer.ended;
    await backend
      .until(() => compare().lost.length === 0, {
        limitMs: ARRIVAL_LIMIT_MS,
        explain: () => "not everything came",
      })
      .catch(() => undefined);
    await decided();

    const { traces, mustStay, lost, torn, ordinary, share, foreign, changed } = compare();
    const lateTraces = new Set(
      made.filter(({ name }) => name === "land:cocoon:late").map(({ traceId }) => traceId),
    );
    const tornInTime = torn.filter((traceId) => !lateTraces.has(traceId));
    const misses = [
      ...(lost.length > 0
        ? [
            `${lost.length} of ${mustStay} errors and session starts were lost, such as ${lost[0].name}`,
          ]
        : []),
      ...(tornInTime.length > 0 ? [`${tornInTime.length} traces came in part`] : []),
      ...(share >= SHARE.from && share <= SHARE.to
        ? []
        : [
            `of ${ordinary} ordinary traces ${(share * 100).toFixed(1)} % were kept, which is not the share of 10 %`,
          ]),
      ...(foreign.length > 0 ? [`${foreign.length} spans came that nobody made`] : []),
      ...(changed.length > 0 ? [`${changed.length} spans came with another name or status`] : []),
      ...(dropped > 0 ? [] : ["no early trace was dropped, so that a late error shows nothing"]),
    ];
    const rows = [
      {
        what: "sampling",
        traces,
        "errors and starts in": mustStay,
        lost: lost.length,
        "ordinary traces": ordinary,
        "kept of those, %": Number((share * 100).toFixed(1)),
        "in part": tornInTime.length,
      },
    ];
    return { rows, misses };
  } finally {
    for (const { kill } of sidecars) kill();
    await stack.stop();
    backend.close();
  }
}

/** The differences between what went in and what came out, as sentences. */
function differences({ made, missing, foreign, changed }) {
  return [
    ...(made === 0 ? ["nothing went in"] : []),
    ...(missing.length > 0
      ? [`${missing.length} of ${made} spans were lost, such as ${missing[0].name}`]
      : []),
    ...(foreign.length > 0 ? [`${foreign.length} spans came that nobody made`] : []),
    ...(changed.length > 0 ? [`${changed.length} spans came with another name or status`] : []),
  ];
}

/** The spans in the recordings of `Record=1`, in whatever folder of this home directory the platform keeps them. */
function recordedSpans(directory) {
  const files = readdirSync(directory, { recursive: true }).filter((file) =>
    file.endsWith(".ndjson"),
  );
  const lines = files.flatMap((file) =>
    readFileSync(join(directory, file), "utf8").trim().split("\n"),
  );
  const bodies = lines.map((line) => JSON.parse(line)).filter(({ pipe }) => pipe === "otlp");
  return bodies.flatMap(({ body }) => spansOf(JSON.parse(body)));
}

function home(state) {
  const path = join(state, "home");
  mkdirSync(path, { recursive: true });
  return path;
}
