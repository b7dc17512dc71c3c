import type { Context, Span } from "@opentelemetry/api";
import { ROOT_CONTEXT, SpanKind, trace } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import fs, { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { currentOwner } from "../../lib/delivery/disk/segmentOwner.js";
import { OpenSpans } from "../../lib/recorder/OpenSpans.js";
import { readJournal } from "../../lib/recorder/readJournal.js";
import { SpanJournal } from "../../lib/recorder/SpanJournal.js";
import { createRedactor } from "../../lib/redaction/createRedactor.js";
import { newFolder, tracerOf } from "./support.js";

jest.mock("../../lib/shared/timers.js", () => jest.requireActual<object>("./jestTimers.js"));

let directory: string;
let spans: OpenSpans;
let journal: SpanJournal;
let waiting: ReadableSpan[];
let tracer: ReturnType<typeof tracerOf>;

function make(settings: { handlersAtStart?: boolean } = {}): void {
  journal = new SpanJournal({
    spans,
    directory,
    owner: currentOwner(),
    redactor: createRedactor({}, { home: "/home/jane.quist", user: "jane.quist" }),
    run: "1.2.3.4",
    openAfterMs: 50,
    handlersAtStart: false,
    waiting: () => waiting,
    ...settings,
  });
}
beforeEach(() => {
  jest.useFakeTimers();
  directory = newFolder();
  spans = new OpenSpans();
  waiting = [];
  tracer = tracerOf(spans);
  make();
});
afterEach(() => {
  journal.discard();
  jest.useRealTimers();
  jest.restoreAllMocks();
});

const start = (name: string, inside: Context = ROOT_CONTEXT): Span =>
  tracer.startSpan(name, {}, inside);
const within = (span: Span): Context => trace.setSpan(ROOT_CONTEXT, span);
const files = (): string[] => {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
};
function read(): { open: string[]; ended: string[] } {
  const [file] = files();
  const found = file === undefined ? undefined : readJournal(readFileSync(join(directory, file)));
  const names = (list: readonly { name: string }[] = []): string[] => list.map(({ name }) => name);
  return { open: names(found?.open), ended: names(found?.ended) };
}

describe("a journal of open spans", () => {
  it("holds a span once it has been open for as long as the option says, and until it ends", () => {
    const span = start("work");
    jest.advanceTimersByTime(49);
    expect(files()).toEqual([]);
    jest.advanceTimersByTime(20);
    expect(read()).toEqual({ open: ["work"], ended: [] });
    span.end();
    expect(read()).toEqual({ open: [], ended: [] });
  });

  it("makes no file, no write and no lasting timer for spans that end soon", () => {
    const calls = jest.spyOn(fs, "writeSync");
    for (let i = 0; i < 1_000; i++) start(`short ${i}`).end();
    jest.advanceTimersByTime(1_000);
    expect([files(), calls.mock.calls.length, jest.getTimerCount()]).toEqual([[], 0, 0]);
  });

  it("gives a sign of life while it holds an open span, and none afterwards", () => {
    const span = start("work");
    jest.advanceTimersByTime(60);
    const [file = ""] = files();
    const path = join(directory, file);
    fs.utimesSync(path, 1e9, 1e9);
    jest.advanceTimersByTime(1_100);
    expect(statSync(path).mtimeMs).toBeGreaterThan(1e12);
    span.end();
    expect(jest.getTimerCount()).toBe(0);
  });

  it("is redacted, in a file that only its owner can read", () => {
    const span = tracer.startSpan("read /home/jane.quist/plan.md", {
      attributes: { password: "tulip", "file.path": "/home/jane.quist/plan.md" },
    });
    span.addEvent("mail jane@quist.example");
    jest.advanceTimersByTime(60);
    const [file = ""] = files();
    expect(readFileSync(join(directory, file), "utf8")).not.toMatch(/quist|tulip/);
    expect(statSync(join(directory, file)).mode & 0o777).toBe(0o600);
  });

  it("keeps a parent that ends before its children until the parent is exported", () => {
    const parent = start("parent");
    const child = start("child", within(parent));
    jest.advanceTimersByTime(60);
    parent.end();
    expect(read()).toEqual({ open: ["child"], ended: ["parent"] });
    journal.acknowledge([parent as unknown as ReadableSpan]);
    expect(read()).toEqual({ open: ["child"], ended: [] });
    child.end();
  });

  it("adds the ancestors of a span that have ended but still wait for their export", () => {
    const root = start("root");
    const parent = start("parent", within(root));
    root.end();
    const child = start("child", within(parent));
    const sibling = start("sibling", within(root));
    parent.end();
    sibling.end();
    waiting = [root, parent, sibling] as unknown as ReadableSpan[];
    jest.advanceTimersByTime(60);
    expect(read().open).toEqual(["child"]);
    expect(read().ended.sort()).toEqual(["parent", "root"]);
    child.end();
  });

  it("holds a handler's span from its start if the option says so", () => {
    make({ handlersAtStart: true });
    tracer.startSpan("handler", { kind: SpanKind.SERVER });
    tracer.startSpan("other");
    expect(read()).toEqual({ open: ["handler"], ended: [] });
  });

  it("stays below 512 kB however many spans open and end, and lists none as open that has ended", () => {
    const kept: Span[] = [];
    for (let round = 0; round < 300; round++) {
      for (let i = 0; i < 20; i++)
        kept.push(tracer.startSpan(`${round}-${i}`, { attributes: { text: "x".repeat(500) } }));
      jest.advanceTimersByTime(60);
      for (const span of kept.splice(0, 15)) span.end();
      const bytes = files().reduce((sum, file) => sum + statSync(join(directory, file)).size, 0);
      expect(bytes).toBeLessThan(512 * 1024);
    }
    for (const span of kept) span.end();
    expect(read()).toEqual({ open: [], ended: [] });
  });

  it("is deleted if the disk takes nothing more, since it would soon be wrong", () => {
    start("work");
    jest.advanceTimersByTime(60);
    jest.spyOn(fs, "writeSync").mockImplementation(() => {
      throw Object.assign(new Error("full"), { code: "ENOSPC" });
    });
    start("more");
    jest.advanceTimersByTime(60);
    expect(files()).toEqual([]);
  });

  it("is deleted when it is discarded, and writes nothing more", () => {
    const span = start("work");
    jest.advanceTimersByTime(60);
    journal.discard();
    start("later");
    jest.advanceTimersByTime(1_000);
    span.end();
    expect([files(), jest.getTimerCount()]).toEqual([[], 0]);
  });
});
