import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Receiver } from "../support/receiver.js";
import { startReceiver } from "../support/receiver.js";
import { ROOT } from "../support/runApp.js";

/*
 * What Error Tracking receives from this package and from posthog-node for the same errors in the same process. Two
 * things differ on purpose and are left out: frames of this package, and lines of a message that quote frames.
 */

const COUNT = 200;
const RELEASE = "0194b2e8-7c3c-7b6e-8a0e-1f2d3c4b5a69";
const SEED = Number(process.env["SEED"] ?? 20_261_126);

interface Frame {
  readonly filename?: string;
  readonly function?: string;
  readonly lineno?: number;
  readonly colno?: number;
  readonly in_app?: boolean;
  readonly chunk_id?: string;
}
interface Exception {
  readonly type: string;
  readonly value: string;
  readonly mechanism: { readonly handled?: boolean };
  readonly stacktrace?: { readonly frames: readonly Frame[] };
}
interface Sent {
  readonly release: unknown;
  readonly list: readonly Exception[];
}

let home: string;
let receiver: Receiver;
let run: { code: number | null; stdout: string; stderr: string };
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "land-home-"));
  const app = join(home, "work/secret-project");
  mkdirSync(app, { recursive: true });
  cpSync(join(__dirname, "exceptions.child.cjs"), join(app, "main.cjs"));
  receiver = await startReceiver();
  run = await runIn(app, receiver.url, COUNT);
}, 120_000);
afterAll(async () => {
  await receiver.close();
  rmSync(home, { recursive: true, force: true });
});

function runIn(app: string, url: string, count: number): Promise<typeof run> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(app, "main.cjs")], {
      cwd: app,
      env: {
        PATH: process.env["PATH"],
        HOME: home,
        USER: "quimby",
        Brand: "someone",
        ROOT,
        URL: url,
        SEED: `${SEED}`,
        COUNT: `${count}`,
        POSTHOG_RELEASE_ID: RELEASE,
      },
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString("utf8")));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString("utf8")));
    child.on("error", reject).on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

const bodiesOf = (key: string): readonly string[] =>
  receiver.requests.map(({ body }) => body).filter((body) => body.includes(`"${key}"`));

/** The exceptions that arrived under a key, by the number with which their message begins. */
function sentUnder(key: string): Map<string, Sent> {
  const sent = new Map<string, Sent>();
  for (const body of bodiesOf(key)) {
    const { batch } = JSON.parse(body) as {
      batch: { event: string; properties: Record<string, unknown> }[];
    };
    for (const { event, properties } of batch) {
      if (event !== "$exception") continue;
      const list = properties["$exception_list"] as readonly Exception[];
      const number = /#\d+/.exec(list[0]?.value ?? "")?.[0] ?? "";
      if (sent.has(number)) throw new Error(`${number} arrived twice under ${key}`);
      sent.set(number, { release: properties["$release_id"], list });
    }
  }
  return sent;
}

const isMeant = ({ filename = "" }: Frame): boolean =>
  !filename.includes("dist/node/") && !filename.includes("quoted/private");
const framesOf = ({ stacktrace }: Exception): readonly Frame[] | undefined =>
  stacktrace?.frames.filter(isMeant);

/** PostHog's published rule: the class with the application's frames, else the first frame, else the message. */
function groupOf({ list }: Sent): string {
  return JSON.stringify(
    list.map((exception) => {
      const frames = framesOf(exception);
      if (frames === undefined) return [exception.type, exception.value.slice(0, 100)];
      const own = frames.filter((frame) => frame.in_app === true);
      const counted = own.length > 0 ? own : frames.slice(0, 1);
      return [
        exception.type,
        ...counted.map((each) => [each.function, each.filename, each.lineno, each.colno]),
      ];
    }),
  );
}

describe("200 errors, compared with posthog-node", () => {
  it("arrive once from each of the two", () => {
    expect(run).toMatchObject({ code: 0, stdout: "done", stderr: "" });
    const [ours, theirs] = [sentUnder("phc_ours"), sentUnder("phc_theirs")];
    expect(ours.size).toBe(COUNT);
    expect([...ours.keys()].sort()).toEqual([...theirs.keys()].sort());
  });

  it.each<[string, (sent: Sent) => unknown]>([
    ["list", ({ list }) => list.map(({ type }) => type)],
    ["in_app", ({ list }) => list.map((each) => framesOf(each)?.map((frame) => frame.in_app))],
    [
      "places",
      ({ list }) => list.map((each) => framesOf(each)?.map((at) => [at.lineno, at.colno])),
    ],
    ["chunks", ({ list }) => list.map((each) => framesOf(each)?.map(({ chunk_id }) => chunk_id))],
    ["release", ({ release }) => release],
    ["handled", ({ list }) => list.map(({ mechanism }) => mechanism.handled)],
  ])("have the same %s", (_what, read) => {
    const theirs = sentUnder("phc_theirs");
    const different = [...sentUnder("phc_ours")].flatMap(([number, sent]) => {
      const [mine, other] = [read(sent), read(theirs.get(number) ?? sent)];
      return JSON.stringify(mine) === JSON.stringify(other) ? [] : [{ number, mine, other }];
    });
    expect(different).toEqual([]);
  });

  it("cover several chunks, a release, handled and unhandled errors, and frames in and outside the app", () => {
    const all = [...sentUnder("phc_theirs").values()];
    const frames = all.flatMap(({ list }) => list.flatMap((each) => framesOf(each) ?? []));
    expect(new Set(frames.map(({ chunk_id }) => chunk_id)).size).toBeGreaterThan(3);
    expect(new Set(frames.map((frame) => frame.in_app))).toEqual(new Set([true, false]));
    expect(new Set(all.map(({ release }) => release))).toEqual(new Set([RELEASE]));
    const handled = all.map(({ list }) => list[0]?.mechanism.handled);
    expect(handled.filter((each) => each === true)).toHaveLength(COUNT / 2);
    // What is left out above was there.
    expect(JSON.stringify(all)).toMatch(
      /dist\/node\/.*quoted\/private|quoted\/private.*dist\/node\//,
    );
  });

  it("are grouped in the same way", () => {
    const theirs = sentUnder("phc_theirs");
    const pairs = [...sentUnder("phc_ours")].map(([number, sent]): [string, string] => [
      groupOf(sent),
      groupOf(theirs.get(number) ?? sent),
    ]);
    const [mine, other] = [new Map(pairs), new Map(pairs.map(([a, b]) => [b, a]))];
    // Both sides have as many groups as there are distinct pairs: the groups are the same.
    expect(new Set(pairs.map((pair) => pair.join("\n"))).size).toBe(mine.size);
    expect(other.size).toBe(mine.size);
    expect(mine.size).toBeLessThan(COUNT);
  });

  it("contain no private path", () => {
    const bodies = bodiesOf("phc_ours").join("\n");
    expect(bodies).toContain("chunk-A1.js");
    for (const secret of ["secret-project", "land-home-", "quimby", "/quoted/", home, ROOT])
      expect(bodies.includes(secret) && secret).toBe(false);
  });

  it("contain none on disk either while nobody answers", async () => {
    await runIn(join(home, "work/secret-project"), "http://127.0.0.1:9", 20);
    const folder = join(home, ".local/state/land-telemetry");
    const files = readdirSync(folder, { recursive: true, withFileTypes: true });
    const texts = files
      .filter((file) => file.isFile())
      .map((file) => readFileSync(join(file.parentPath, file.name), "utf8"));
    expect(texts.join("\n")).toContain("error_stack");
    for (const secret of ["secret-project", "land-home-", "quimby", "/quoted/", ROOT])
      expect(texts.some((text) => text.includes(secret)) && secret).toBe(false);
  });
});
