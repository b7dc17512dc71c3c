import type { Attributes } from "@opentelemetry/api";
import { isObject } from "../shared/isObject.js";
import { parseLines, RECORDER_VERSION } from "./recordLine.js";
import { parseSpan, type SpanLine } from "./spanLine.js";

/** The content of a journal: the spans open at its last line, and those that had ended but were not exported. */
export interface ReadJournal {
  readonly run: string;
  readonly resource: Attributes;
  readonly open: readonly SpanLine[];
  readonly ended: readonly SpanLine[];
}

/** Parses a journal; undefined if it is not one of this version. A torn line loses only itself. */
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
