import type { Attributes, SpanContext } from "@opentelemetry/api";
import { resourceFromAttributes } from "@opentelemetry/resources";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { ATTR_ERROR_TYPE } from "@opentelemetry/semantic-conventions";
import { ownerOf, runId, type SegmentOwner } from "./delivery/disk/segmentOwner.js";
import type { FlightRecorder } from "./FlightRecorder.js";
import { eventProperties, eventUuid } from "./posthog/PostHogEvent.js";
import type { DeadRun } from "./recorder/deadRuns.js";
import type { Reporters } from "./recorder/PastRuns.js";
import { PastRuns } from "./recorder/PastRuns.js";
import type { ReadJournal } from "./recorder/readJournal.js";
import { writeWitness } from "./recorder/runFolder.js";
import type { Witness } from "./recorder/runRecord.js";
import { SpanJournal } from "./recorder/SpanJournal.js";
import { spanOf, type SpanLine } from "./recorder/spanLine.js";
import {
  ATTR_DISTINCT_ID_JOIN,
  ATTR_LAND_ENDED_BY,
  ATTR_LAND_UNFINISHED,
  ATTR_SESSION_ID,
  ATTR_SESSION_JOIN,
  PROCESS_DEATH,
} from "./resource/semanticConventions.js";
import { Tier } from "./resource/Tier.js";
import { clearInterval, setInterval, setTimeout } from "./shared/timers.js";

/** How often to look for processes that have died since the start, in ms; the same as for what they have spooled. */
const ADOPT_EVERY_MS = 10 * 60_000;
/** `land.ended_by` for the spans of a worker thread whose process lives on. */
const WORKER = "worker";
const TIERS: readonly string[] = Object.values(Tier);

/**
 * The parts of the flight recorder that start-up has no time for: the journal of open spans, and reports on what dead
 * processes of any tier have left behind. This module is loaded after `register`.
 */
export class LateRecorder {
  readonly #recorder: FlightRecorder;
  readonly #past: PastRuns;
  readonly #journal: SpanJournal | undefined;
  #adoption = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(recorder: FlightRecorder) {
    this.#recorder = recorder;
    const { owner } = recorder;
    const journals = recorder.journals?.();
    this.#past = new PastRuns(recorder.runs(), journals, owner);
    this.#journal = journals === undefined ? undefined : this.#createJournal(journals);
    if (owner.thread !== 0) return;
    void this.adopt();
    this.#timer = setInterval(() => void this.adopt(), ADOPT_EVERY_MS).unref();
  }

  /** Reports what dead processes have left behind, after any reports that are already in progress. Never rejects. */
  adopt(): Promise<void> {
    const reporters: Reporters = {
      reportRun: (run, open) => this.#reportRun(run, open),
      reportSpans: (journal, run, seenAt) => this.#reportSpans(journal, run, seenAt),
    };
    const pause = async (): Promise<boolean> => {
      await new Promise((resolve) => setTimeout(resolve, 0).unref());
      return !this.#isOver;
    };
    return (this.#adoption = this.#adoption
      .then(() => this.#past.adopt(reporters, pause))
      .catch(() => undefined));
  }

  /** Reports the spans that a worker thread left open when it ended. */
  endThread(thread: number): void {
    this.#past.endThread(thread);
    void this.adopt();
  }

  /** The identity of the process with this pid; call it while the process lives. */
  processOf(pid: number): SegmentOwner {
    return ownerOf(pid, this.#recorder.owner);
  }

  /** Records what was seen of a child's end, synchronously, and then reports its run. */
  witness(child: SegmentOwner, seen: Witness): void {
    const { runs, owner } = this.#recorder;
    writeWitness(runs(), owner, child, seen);
    void this.adopt();
  }

  /** Stops reporting and discards the journal: this process's spans are finished, and none is to be reported. */
  close(): void {
    this.#isOver = true;
    clearInterval(this.#timer);
    this.#journal?.discard();
  }

  #createJournal(directory: string): SpanJournal | undefined {
    const { owner, spans, settings, parts } = this.#recorder;
    const { otlp, redactor } = parts;
    if (otlp === undefined || spans === undefined) return undefined;
    const waiting = (): readonly ReadableSpan[] => otlp.waiting;
    const run = runId(owner);
    const journal = new SpanJournal({
      spans,
      directory,
      owner,
      redactor,
      run,
      ...settings,
      waiting,
    });
    otlp.onSettled = (settled) => journal.acknowledge(settled);
    return journal;
  }

  /** Sends one event for a run that crashed or vanished; two reporters send the same one, since its id is the run's. */
  #reportRun({ id, record, verdict }: DeadRun, open: readonly SpanLine[]): void {
    const { events } = this.#recorder.parts;
    const { start, launched, words, seenAt } = record;
    const { crashed, vanished, witness, code, signal, endedBy } = verdict;
    // Files on disk may be forged.
    if (events === undefined || !(crashed || vanished) || !TIERS.includes(start.tier)) return;
    const event = `land:${start.tier}:${crashed ? "crash" : "vanished"}`;
    const { app, posthog } = events.configuration;
    const deepest = deepestOf(open);
    const uuid = eventUuid({ traceId: id, spanId: "" }, event);
    const origin = {
      configuration: { app: { ...app, version: start.version } },
      sessionId: start.session,
    };
    const properties = eventProperties(origin, start.tier, deepest, {
      ended_by: endedBy,
      during_launch: !launched,
      witness,
      error_type: words?.error,
      signal,
      started_at: new Date(start.at).toISOString(),
      uptime_ms: Math.max(0, seenAt - start.at),
      open_spans: open.map(({ name }) => name),
      "process.exit.code": code,
      ...(crashed ? { "app.crash.id": uuid } : {}),
    });
    if (deepest === undefined) {
      // Otherwise the event would name this process's own trace.
      for (const name of ["$trace_id", "$span_id", "$trace_source"]) properties[name] = undefined;
    }
    const timestamp = new Date(seenAt).toISOString();
    const distinctId = start.user ?? posthog.distinctId;
    events.pipe.send({ event, distinctId, properties, timestamp, uuid, urgent: true });
  }

  /** Sends the spans of a journal: the ended ones as they are, the open ones as unfinished. */
  #reportSpans(journal: ReadJournal, run: DeadRun | undefined, seenAt: number): void {
    const resource = resourceFromAttributes(journal.resource);
    const session = journal.resource[ATTR_SESSION_ID];
    const { start, owner, parts } = this.#recorder;
    const isWorker = run === undefined && journal.run === runId(owner);
    const { user } = isWorker ? start : (run?.record.start ?? {});
    const joins: Attributes = {
      ...(session === undefined ? {} : { [ATTR_SESSION_JOIN]: session }),
      ...(user === undefined ? {} : { [ATTR_DISTINCT_ID_JOIN]: user }),
    };
    const { crashed = false, vanished = false } = run?.verdict ?? {};
    const endedBy = run?.verdict.endedBy ?? (isWorker ? WORKER : "unknown");
    const failed = crashed || vanished;
    const attributes: Attributes = {
      [ATTR_LAND_UNFINISHED]: true,
      [ATTR_LAND_ENDED_BY]: endedBy,
      ...(failed ? { [ATTR_ERROR_TYPE]: PROCESS_DEATH } : {}),
    };
    const spans = [
      ...journal.ended.map((line) => spanOf(line, resource)),
      ...journal.open.map((line) => spanOf(line, resource, { endMs: seenAt, attributes, failed })),
    ];
    parts.otlp?.adopt(spans, joins);
  }
}

/** The innermost open span: the last one that is not the parent of another. */
function deepestOf(open: readonly SpanLine[]): SpanContext | undefined {
  const parents = new Set(open.map(({ parent }) => parent));
  const deepest = open.findLast(({ span }) => !parents.has(span));
  return deepest && { traceId: deepest.trace, spanId: deepest.span, traceFlags: deepest.flags };
}
