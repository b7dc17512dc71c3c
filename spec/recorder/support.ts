import type { ReadableSpan, Span, SpanProcessor } from "@opentelemetry/sdk-trace-base";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import { resourceFromAttributes } from "@opentelemetry/resources";
import type { Tracer } from "@opentelemetry/api";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { OwnedKind, SegmentOwner } from "../../lib/delivery/disk/segmentOwner.js";
import { currentOwner, runId, segmentName } from "../../lib/delivery/disk/segmentOwner.js";
import { formatLine, RECORDER_VERSION } from "../../lib/recorder/recordLine.js";
import type { RunStart } from "../../lib/recorder/runRecord.js";
import { temporaryFolder } from "../support/temporaryFolder.js";

/** A process that has ended: no pid is this high. */
export const DEAD: SegmentOwner = { ...currentOwner(), pid: 4_194_303, started: "1", thread: 0 };

/** The path of a folder, for one pipe and destination, that does not exist yet. */
export function newFolder(): string {
  return join(temporaryFolder("land-recorder-"), "v1", "otlp", "0123");
}

export function runStart(members: Partial<RunStart> = {}): RunStart {
  return {
    v: RECORDER_VERSION,
    owner: DEAD,
    tier: "cocoon",
    version: "1.2.3",
    session: "0194b2e8-7c3c-7b6e-8a0e-1f2d3c4b5a69",
    at: Date.now() - 60_000,
    sees: true,
    user: "land-dev-jane",
    ...members,
  };
}

/** Writes a file as another process would have left it, and returns its path. */
export function leave(
  folder: string,
  kind: OwnedKind,
  lines: readonly object[],
  owner = DEAD,
): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, segmentName(owner, false, kind));
  writeFileSync(path, lines.map(formatLine).join(""), { mode: 0o600 });
  return path;
}

/** The first line of a journal. */
export function journalOf(owner = DEAD): object {
  const attributes = { "land.tier": "cocoon", "session.id": "0194b2e8" };
  return { journal: { v: RECORDER_VERSION, run: runId(owner) }, attributes };
}

/** What a journal holds about a span. */
export function spanLine(name: string, span: string, parent?: string): object {
  return {
    trace: "0af7651916cd43dd8448eb211c80319c",
    span,
    flags: 1,
    ...(parent === undefined ? {} : { parent }),
    name,
    kind: 0,
    start: [Math.floor(Date.now() / 1_000) - 30, 0],
    end: [0, 0],
    attributes: {},
    status: { code: 0 },
    events: [],
    links: [],
    scope: { name: "land.cocoon" },
  };
}

/** A tracer whose spans go to these processors. */
export function tracerOf(...spanProcessors: SpanProcessor[]): Tracer {
  const resource = resourceFromAttributes({ "land.tier": "cocoon" });
  return new BasicTracerProvider({ resource, spanProcessors }).getTracer("spec");
}

export type { ReadableSpan, Span };
