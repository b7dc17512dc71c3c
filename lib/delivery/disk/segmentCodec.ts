import { isUtf8 } from "node:buffer";
import { attempt } from "../../shared/attempt.js";
import { crc32 } from "../../shared/builtins.js";
import { wallMs } from "../../shared/timers.js";
import type { DeliveryRecord } from "../DeliveryRecord.js";
import { bytesOf, JSON_TYPE } from "../DeliveryRecord.js";

/** The format of a segment's lines. It is also the name of the folder, so that formats never share a file. */
export const SEGMENT_VERSION = 1;

/** A record of a segment that nobody has acknowledged. */
interface FoundRecord {
  readonly record: DeliveryRecord;
  /** When it was written, by the wall clock, in ms. */
  readonly time: number;
  /** Where its line begins, and how long it is without the newline. */
  readonly offset: number;
  readonly length: number;
}

type Line =
  { readonly record: DeliveryRecord; readonly time: number } | { readonly acks: readonly string[] };

// A quote inside a JSON string has a backslash before it, so the mark cannot occur in the head before its place.
const BODY_MARK = ',"body":';
const TAIL_START = ',"checksum":"';
const TAIL_END = '"}';
const CHECKSUM_DIGITS = 8;
const TAIL_BYTES = TAIL_START.length + CHECKSUM_DIGITS + TAIL_END.length;
const NEWLINE = 0x0a;

/**
 * A record as it is written, newline included. JSON without line breaks is stored as it is, which leaves lines that
 * any NDJSON reader can read; the rest is base64.
 */
export function formatRecord(record: DeliveryRecord): Buffer {
  const { id, count, urgent, body, contentType = JSON_TYPE } = record;
  const bytes = bytesOf(body);
  const isPlain = contentType.startsWith(JSON_TYPE) && !bytes.includes(NEWLINE) && isUtf8(bytes);
  const form = isPlain ? { contentType } : { contentType, encoding: "base64" };
  const head = { v: SEGMENT_VERSION, id, count, urgent, time: wallMs(), ...form };
  const content = isPlain ? bytes : Buffer.from(`"${bytes.toString("base64")}"`);
  return seal(Buffer.from(JSON.stringify(head).slice(0, -1) + BODY_MARK), content);
}

/** Which records are settled, as one line. The newline before it ends a line that may be torn. */
export function formatAck(ids: readonly string[]): Buffer {
  const line = seal(Buffer.from(JSON.stringify({ ack: ids }).slice(0, -1)), Buffer.alloc(0));
  return Buffer.concat([Buffer.of(NEWLINE), line]);
}

/** Reads a record back, with or without its newline; undefined when it is torn or damaged. */
export function parseRecord(bytes: Buffer): DeliveryRecord | undefined {
  const line = parseLine(bytes.at(-1) === NEWLINE ? bytes.subarray(0, -1) : bytes);
  return line !== undefined && "record" in line ? line.record : undefined;
}

/**
 * Reads what is left to do in a segment, in the order of writing. Any bytes will do; lines that are torn, damaged or
 * not ours are skipped and counted.
 */
export function scanSegment(content: Buffer): {
  readonly records: readonly FoundRecord[];
  readonly skipped: number;
} {
  const records = new Map<string, FoundRecord>();
  let skipped = 0;
  for (let offset = 0, end = 0; offset < content.length; offset = end + 1) {
    const newline = content.indexOf(NEWLINE, offset);
    end = newline < 0 ? content.length : newline;
    if (end === offset) continue;
    const line = parseLine(content.subarray(offset, end));
    if (line === undefined) skipped++;
    else if ("acks" in line) for (const id of line.acks) records.delete(id);
    else records.set(line.record.id, { ...line, offset, length: end - offset });
  }
  return { records: [...records.values()], skipped };
}

function parseLine(line: Buffer): Line | undefined {
  const end = line.length - TAIL_BYTES;
  if (end <= 0) return undefined;
  const content = line.subarray(0, end);
  const isIntact = line.toString("latin1", end) === tail(crc32(content));
  return isIntact ? attempt(() => parseChecked(content)) : undefined;
}

function parseChecked(line: Buffer): Line | undefined {
  const mark = line.indexOf(BODY_MARK);
  if (mark < 0) {
    const { ack } = JSON.parse(`${line.toString("utf8")}}`) as { ack?: unknown };
    return Array.isArray(ack) ? { acks: ack.filter((id) => typeof id === "string") } : undefined;
  }
  const head = JSON.parse(`${line.toString("utf8", 0, mark)}}`) as Record<string, unknown>;
  const { v, id, count, urgent, time, contentType, encoding } = head;
  if (v !== SEGMENT_VERSION || typeof id !== "string" || typeof time !== "number") return undefined;
  if (typeof count !== "number" || !Number.isSafeInteger(count) || count <= 0) return undefined;
  const raw = line.subarray(mark + BODY_MARK.length);
  const body =
    encoding === "base64" ? Buffer.from(JSON.parse(raw.toString("utf8")) as string, "base64") : raw;
  const type = typeof contentType === "string" ? { contentType } : {};
  return { time, record: { id, count, urgent: urgent === true, body, ...type } };
}

/** A whole line: its head, its content, the checksum of both and the newline. */
function seal(head: Buffer, content: Buffer): Buffer {
  return Buffer.concat([head, content, Buffer.from(`${tail(crc32(content, crc32(head)))}\n`)]);
}

function tail(checksum: number): string {
  return TAIL_START + checksum.toString(16).padStart(CHECKSUM_DIGITS, "0") + TAIL_END;
}
