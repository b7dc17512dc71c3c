import type { Pipe } from "../../../lib/shared/Stats";
import type { Case } from "../Case";
import { FarEnd } from "../FarEnd";
import type { Row } from "../Row";
import { balanceMisses, endOf, Misses } from "../Row";
import type { Job } from "../runJob";
import { freshDirectory, runJob } from "../runJob";

/** Replies with 200 that do not say that anything was accepted. */
const REPLIES: readonly (readonly [pipe: Pipe, reply: string, fate: string])[] = [
  ["posthog", '{"status":0,"detail":"no"}', "refused"],
  ["posthog", '{"status":"Ok","quota_limited":["events"]}', "quota_limited"],
  ["posthog", '{"hello":"world"}', "unknown"],
  ["otlp", '{"partialSuccess":{"rejectedSpans":"1e3"}}', "rejected"],
  ["otlp", '{"partialSuccess":{"rejectedSpans":"many"}}', "unknown"],
  ["otlp", '{"code":8,"message":"full"}', "spooled"],
  ["otlp", '{"code":3,"message":"bad"}', "grpc_3"],
];
const WORK: NonNullable<Job["steps"]> = [
  ["spans", 20],
  ["events", 5],
  ["flush", 5_000],
];

/** Far ends that refuse some or all, by a status or in a 200: the books say what they accepted. */
export const refusals: Case = {
  name: "refusals",
  async *run() {
    for (const [pipe, reply, fate] of REPLIES) yield await repliesWith(pipe, reply, fate);
    for (const protocol of ["http/json", "http/protobuf"]) yield await oneBadSpan(protocol);
    yield await refusedForGood();
  },
};

async function repliesWith(pipe: Pipe, reply: string, fate: string): Promise<Row> {
  const farEnd = await new FarEnd().listen();
  farEnd.behaviour = (response) => response.writeHead(200).end(reply);
  const where = { url: `http://127.0.0.1:${farEnd.port}`, spool: freshDirectory() };
  const result = await runJob({ steps: WORK }, where);
  const books = result.journal.stats?.[pipe];
  const misses = new Misses();
  misses.expect(books?.delivered === 0, `${books?.delivered ?? "no"} delivered of none`);
  const counts: Readonly<Record<string, number>> = {
    ...books?.dropped,
    unknown: books?.unknown ?? 0,
    spooled: books?.spooled ?? 0,
  };
  misses.expect((counts[fate] ?? 0) > 0, `none ${fate}: ${JSON.stringify(books)}`);
  misses.list.push(...balanceMisses([result]));
  await farEnd.close();
  return {
    name: `200 ${reply}`,
    pipe,
    accepted: books?.accepted ?? 0,
    delivered: books?.delivered ?? 0,
    dropped: books?.dropped ?? {},
    exits: ["0", endOf(result)],
    misses: misses.list,
  };
}

/** The number of each span in a request, from its name: in JSON, and in protobuf, where its kind follows. */

const NUMBERS = /"name":"wr\d+-\d+-(\d+)"|wr\d+-\d+-(\d+)0\u0001/g;

/** A span that the far end refuses costs only itself when its batch is sent from disk. */
async function oneBadSpan(protocol: string): Promise<Row> {
  const farEnd = await new FarEnd().listen();
  const taken = new Set<string>();
  let isDown = true;
  farEnd.behaviour = (response, request, body) => {
    if (request.url !== "/v1/traces" || isDown) {
      response.writeHead(isDown ? 503 : 200).end();
      return;
    }
    const numbers = [...body.matchAll(NUMBERS)].map(([, json, message]) => json ?? message ?? "");
    if (numbers.includes("7")) response.writeHead(400).end("span 7 is bad");
    else {
      for (const number of numbers) taken.add(number);
      response.end();
    }
  };
  const where = { url: `http://127.0.0.1:${farEnd.port}`, spool: freshDirectory() };
  const options = { otlp: { protocol } };
  const down = await runJob({ steps: [["spans", 40]], options }, where);
  isDown = false;
  const after = await runJob({ steps: [["flush", 10_000]], options }, where);
  const books = after.journal.stats?.otlp;
  const misses = new Misses();
  misses.expect(taken.size === 39, `${taken.size} of 39 arrived`);
  misses.expect(books?.dropped["http_400"] === 1, `dropped ${JSON.stringify(books?.dropped)}`);
  misses.expect(after.printed.includes('"span 7 is bad"'), "the far end's words are in no line");
  misses.list.push(...balanceMisses([down, after]));
  await farEnd.close();
  return {
    name: `one bad span of 40, ${protocol}, from disk`,
    pipe: "otlp",
    accepted: 40,
    delivered: taken.size,
    dropped: books?.dropped ?? {},
    misses: misses.list,
  };
}

/** A pipe that is refused reports it once. */
async function refusedForGood(): Promise<Row> {
  const farEnd = await new FarEnd().listen();
  farEnd.behaviour = (response) => response.writeHead(401).end("no such key");
  const where = { url: `http://127.0.0.1:${farEnd.port}`, spool: freshDirectory() };
  const steps: NonNullable<Job["steps"]> = [...WORK, ...WORK];
  const result = await runJob({ steps }, where);
  const lines = result.lines.filter((line) => line.includes("http_401"));
  const misses = new Misses();
  misses.expect(lines.length === 2, `${lines.length} lines for two pipes`);
  misses.expect(
    lines.every((line) => line.includes("no such key")),
    "not the far end's words",
  );
  await farEnd.close();
  return { name: "401 for everything", pipe: "both", lines: lines.length, misses: misses.list };
}
