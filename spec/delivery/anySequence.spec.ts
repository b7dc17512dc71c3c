import * as fc from "fast-check";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DeliveryRecord } from "../../lib/delivery/DeliveryRecord";
import { segmentName } from "../../lib/delivery/disk/segmentOwner";
import type { Fault, FaultServer } from "./support/faultServer";
import { accept, startFaultServer, status } from "./support/faultServer";
import type { TestQueue } from "./support/makeQueue";
import { balanced, idsOf, makeQueue, until } from "./support/makeQueue";
import { newDirectory } from "./support/makeDisk";

/** Something that happens to a pipe; the number says how many, how long or where. */
type Step = readonly [what: keyof typeof STEPS, amount: number];

/** A pipe that lives through crashes, and what may have been lost in them. */
class World {
  directory = newDirectory();
  pipe: TestQueue;
  /** All records ever accepted, and those of them that were only in memory when their process died. */
  readonly accepted = new Set<string>();
  readonly excused = new Set<string>();
  /** The current process's records, handed over or not, that are not known to be on disk. */
  readonly memoryOnly = new Set<string>();
  readonly held: DeliveryRecord[] = [];
  readonly sending: Promise<unknown>[] = [];

  constructor(readonly server: FaultServer) {
    this.pipe = this.start();
  }

  start(): TestQueue {
    return makeQueue(this.server.url, {
      disk: { directory: this.directory },
      replayDelayMs: 5,
      breaker: { firstPauseMs: 5, maxPauseMs: 10 },
    });
  }

  make(count: number): DeliveryRecord[] {
    const made = this.pipe.records(count);
    for (const { id } of made) this.accepted.add(id);
    return made;
  }

  /** The process dies instantly: the next one finds the files as they were, and nothing else. */
  crash(): void {
    const left = newDirectory();
    mkdirSync(left, { recursive: true });
    for (const name of filesIn(this.directory))
      writeFileSync(join(left, segmentName()), readFileSync(join(this.directory, name)));
    for (const id of this.memoryOnly) this.excused.add(id);
    this.pipe.queue.closeNow();
    this.memoryOnly.clear();
    this.held.length = 0;
    this.directory = left;
    this.pipe = this.start();
  }
}

const FAULTS: readonly Fault[] = [
  accept,
  status(503),
  status(429),
  (_response, request) => request.socket.destroy(),
];

const STEPS = {
  send(world: World, count: number): void {
    const records = world.make(count);
    for (const { id } of records) world.memoryOnly.add(id);
    world.sending.push(world.pipe.queue.send(records));
  },
  store: (world: World, count: number) => world.pipe.queue.store(world.make(count)),
  persist(world: World, count: number): void {
    for (const record of world.make(count)) {
      world.pipe.queue.persist(record);
      world.held.push(record);
    }
  },
  handOver: (world: World, count: number) =>
    void world.sending.push(world.pipe.queue.send(world.held.splice(0, count))),
  giveUp: (world: World, count: number) => world.pipe.queue.store(world.held.splice(0, count)),
  persistPending(world: World): void {
    world.pipe.queue.persistPending();
    world.memoryOnly.clear();
  },
  endpoint(world: World, which: number): void {
    world.server.fault = FAULTS[which % FAULTS.length] ?? accept;
  },
  wait: (_: World, ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
  crash: (world: World) => world.crash(),
  /** Ends the process properly, and starts the next one on the same files. */
  async restart(world: World): Promise<void> {
    await world.pipe.queue.close(20);
    // The close releases records that were not handed over; their owner may still give them up.
    world.pipe.queue.store(world.held.splice(0));
    balanced(world.pipe.stats);
    expect(world.pipe.stats.snapshot().pending).toBe(0);
    world.memoryOnly.clear();
    world.pipe = world.start();
  },
  /** Changes a byte in a dead process's file; whatever is on that line may be lost. */
  corrupt(world: World, at: number): void {
    world.crash();
    const [name] = filesIn(world.directory);
    if (name === undefined) return;
    const file = join(world.directory, name);
    const bytes = readFileSync(file);
    if (bytes.length === 0) return;
    const place = (at * 7919) % bytes.length;
    for (const line of linesAround(bytes, place))
      for (const id of world.accepted) if (line.includes(id)) world.excused.add(id);
    bytes[place] = (bytes[place] ?? 0) ^ 0x21;
    writeFileSync(file, bytes);
  },
};

function filesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** The line at an offset, and the next one too if the offset is the newline between them. */
function linesAround(bytes: Buffer, place: number): string[] {
  const text = bytes.toString("latin1");
  const start = text.lastIndexOf("\n", place - 1) + 1;
  return text.slice(start).split("\n", text[place] === "\n" ? 2 : 1);
}

const step: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom(...(Object.keys(STEPS) as (keyof typeof STEPS)[])),
  fc.integer({ min: 1, max: 25 }),
);

let server: FaultServer;
beforeAll(async () => {
  server = await startFaultServer();
});
afterAll(() => server.close());

describe("any sequence of accepting, failing, crashing, adopting and damage", () => {
  it("keeps the stats balanced, and loses nothing that was on disk or in a process that lived on", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        server.fault = accept;
        const world = new World(server);
        for (const [what, amount] of steps) {
          await STEPS[what](world, amount);
          balanced(world.pipe.stats);
        }
        server.fault = accept;
        world.pipe.queue.store(world.held.splice(0));
        const { queue, stats } = world.pipe;
        // The first flush also takes over what dead processes left.
        await queue.flush(5_000);
        await until(() => {
          void queue.flush(1_000);
          const { pending, spooled } = balanced(stats);
          return pending + spooled === 0;
        });
        await Promise.all(world.sending);
        const arrived = new Set(idsOf(server.taken));
        expect(
          [...world.accepted].filter((id) => !arrived.has(id) && !world.excused.has(id)),
        ).toEqual([]);
        queue.closeNow();
      }),
      { numRuns: 40 },
    );
  }, 120_000);
});
