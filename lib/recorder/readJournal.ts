import type { Attributes } from "@opentelemetry/api";
import { isObject } from "../shared/isObject.js";
import { parseLines, RECORDER_VERSION } from "./recordLine.js";
import { parseSpan, type SpanLine } from "./spanLine.js";

/** What a journal holds: the spans that were open at the last line, and those that had ended and were not exported. */
export interface ReadJournal {
  readonly run: string;
  readonly resource: Attributes;
  readonly open: readonly SpanLine[];
  readonly ended: readonly SpanLine[];
}

/** Reads a journal; undefined for what is none of this version. What is torn in it costs itself. */
export function readJournal(bytes: Buffer): ReadJournal | undefined {
  const [open, ended] = [new Map<string, SpanLine>(), new Map<string, SpanLine>()];
  let head: Pick<ReadJournal, "run" | "resource"> | undefined;
  for (const line of parseLines(bytes)) {
    head ??= parseHead(line);
    const [begun, over] = [parseSpan(line["open"]), parseSpan(line["end"])];
    if (begun !== undefined) open.set(begun.span, begun);
    if (over !== undefined) {
      open.delete(over.span);
      ended.set(over.span, over);
    }
    const acks: unknown = line["ack"];
    for (const id of Array.isArray(acks) ? (acks as string[]) : []) {
      open.delete(id);
      ended.delete(id);
    }
  }
  return head && { ...head, open: [...open.values()], ended: [...ended.values()] };
}

function parseHead(
  line: Readonly<Record<string, unknown>>,
): Pick<ReadJournal, "run" | "resource"> | undefined {
  const { journal, attributes } = line;
  if (!isObject(journal) || !isObject(attributes)) return undefined;
  const { v, run } = journal as Readonly<Record<string, unknown>>;
  if (v !== RECORDER_VERSION || typeof run !== "string") return undefined;
  return { run, resource: attributes as Attributes };
}
