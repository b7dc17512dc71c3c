import type { SegmentOwner } from "../delivery/disk/segmentOwner.js";
import { isObject } from "../shared/isObject.js";
import type { Verdict } from "./judgeRun.js";
import { parseLines, RECORDER_VERSION } from "./recordLine.js";

/** What a run records about itself when it starts. */
export interface RunStart {
  readonly v: number;
  /** The process that ran; the file may have been taken over by another since. */
  readonly owner: SegmentOwner;
  readonly tier: string;
  readonly version: string;
  readonly session: string;
  /** When it started, in ms of the wall clock. */
  readonly at: number;
  /** Whether the process observes its exit, uncaught errors and signals; if not, its silence is no evidence. */
  readonly sees: boolean;
  /** The distinct id of its events; only while events are sent. */
  readonly user?: string;
}

/** What a process records when it may be ending. */
export interface LastWords {
  readonly how: "exit" | "signal" | "uncaught" | "shutdown";
  /** Whether nothing can follow these words. */
  readonly final: boolean;
  readonly at: number;
  readonly code?: number;
  readonly signal?: string;
  readonly error?: string;
}

/** What the parent of a process saw of its end. */
export interface Witness {
  readonly code?: number;
  readonly signal?: string;
  /** Whether the parent expected the end. */
  readonly expected: boolean;
  readonly at: number;
}

/** What was found out about a run whose process has ended, as written by the process that reported it. */
export interface Reported extends Verdict {
  /** The names of the spans that were open. */
  readonly openSpans: readonly string[];
}

/** Everything that a run file contains. */
export interface RunRecord {
  readonly start: RunStart;
  readonly launched: boolean;
  readonly words?: LastWords;
  readonly witness?: Witness;
  readonly reported?: Reported;
  /** The last sign of life, in ms of the wall clock. */
  readonly seenAt: number;
}

/** At most this many bytes of a run file are read; our own have only a few lines. */
export const MAX_RUN_BYTES = 64 * 1024;
/** A process that gives a sign of life this long after a signal or an error has survived it, in ms. */
const SURVIVED_MS = 10_000;

/** Parses a run file; undefined if it is not one of this version. Members with wrong types are ignored. */
export function parseRun(bytes: Buffer, modifiedAt: number): RunRecord | undefined {
  let start: RunStart | undefined;
  let launched = false;
  let words: LastWords | undefined;
  let witness: Witness | undefined;
  let reported: Reported | undefined;
  let seenAt: number | undefined;
  for (const line of parseLines(bytes)) {
    if (isStart(line["start"])) start ??= line["start"];
    if (line["launched"] === true) launched = true;
    if (line["survived"] === true && words?.how === "uncaught" && !words.final) words = undefined;
    if (isWords(line["words"]) && words?.final !== true) words = line["words"];
    if (isWitness(line["witness"])) witness ??= line["witness"];
    if (isReported(line["reported"])) reported ??= line["reported"];
    if (typeof line["seen"] === "number") seenAt = Math.max(seenAt ?? 0, line["seen"]);
  }
  if (start === undefined) return undefined;
  const seen = seenAt ?? modifiedAt;
  if (words?.final === false && seen - words.at > SURVIVED_MS) words = undefined;
  return {
    start,
    launched,
    ...(words === undefined ? {} : { words }),
    ...(witness === undefined ? {} : { witness }),
    ...(reported === undefined ? {} : { reported }),
    // The parent writes its line once the process has ended, so its time is that of the end.
    seenAt: Math.max(start.at, witness?.at ?? seen),
  };
}

const HOWS: readonly unknown[] = ["exit", "signal", "uncaught", "shutdown"];

function isStart(value: unknown): value is RunStart {
  return (
    has(value, { v: "number", tier: "string", version: "string", session: "string" }) &&
    has(value, { at: "number", sees: "boolean" }) &&
    has(value, { user: "string" }, true) &&
    has((value as RunStart).owner, { pid: "number", started: "string", namespace: "string" }) &&
    has((value as RunStart).owner, { boot: "string" }) &&
    (value as RunStart).v === RECORDER_VERSION
  );
}

function isWords(value: unknown): value is LastWords {
  return (
    has(value, { final: "boolean", at: "number" }) &&
    has(value, { code: "number", signal: "string", error: "string" }, true) &&
    HOWS.includes((value as LastWords).how)
  );
}

function isWitness(value: unknown): value is Witness {
  return (
    has(value, { expected: "boolean", at: "number" }) &&
    has(value, { code: "number", signal: "string" }, true)
  );
}

function isReported(value: unknown): value is Reported {
  return (
    has(value, {
      endedBy: "string",
      crashed: "boolean",
      vanished: "boolean",
      witness: "boolean",
    }) &&
    has(value, { code: "number", signal: "string" }, true) &&
    Array.isArray((value as Reported).openSpans)
  );
}

function has(
  value: unknown,
  members: Readonly<Record<string, string>>,
  isOptional = false,
): boolean {
  if (!isObject(value)) return false;
  return Object.entries(members).every(([name, type]) => {
    const member = (value as Record<string, unknown>)[name];
    return (isOptional && member === undefined) || typeof member === type;
  });
}
