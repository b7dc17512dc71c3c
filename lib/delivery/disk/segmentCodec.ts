import { isUtf8 } from "node:buffer";
import { crc32 } from "../../shared/builtins.js";
import type { DeliveryRecord } from "../DeliveryRecord.js";
import { JSON_TYPE } from "../DeliveryRecord.js";

/** The format of a segment's lines. It is also the name of the folder, so that formats never share a file. */
export const SEGMENT_VERSION = 1;

/** A line that holds a record. */
export interface RecordLine {
  readonly record: DeliveryRecord & { readonly body: Buffer };
  /** When it was written, by the wall clock, in ms. */
  readonly time: number;
}

/** A record of a segment that nobody has acknowledged. */
export interface FoundRecord extends RecordLine {
  /** Where its line begins. */
  readonly offset: number;
  /** The length of its line without the newline. */
  readonly length: number;
}

/** What is in a segment. */
export interface SegmentScan {
  /** In the order of writing; the last of those with one id. */
  readonly records: readonly FoundRecord[];
  /** Lines that are torn, damaged or not ours. */
  readonly skipped: number;
}

/** What stands in a line before the body. */
interface RecordHead {
  readonly v: number;
  readonly id: string;
  readonly count: number;
  readonly urgent: unknown;
  readonly time: number;
  readonly contentType?: string;
  readonly encoding?: "base64";
}

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
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  const isPlain = contentType.startsWith(JSON_TYPE) && !bytes.includes(NEWLINE) && isUtf8(bytes);
  const head: RecordHead = {
    v: SEGMENT_VERSION,
    id,
    count,
    urgent,
    time: Date.now(),
    contentType,
    ...(isPlain ? {} : { encoding: "base64" }),
  };
  const content = isPlain ? bytes : Buffer.from(`"${Buffer.from(bytes).toString("base64")}"`);
  return seal(JSON.stringify(head).slice(0, -1) + BODY_MARK, content);
}

/** Which records are settled, as one line. */
export function formatAck(ids: readonly string[]): Buffer {
  return seal(JSON.stringify({ ack: ids }).slice(0, -1));
}

/** Reads a line without its newline; undefined when it is torn, damaged or not a record. */
export function parseRecord(line: Buffer): RecordLine | undefined {
  const parsed = parseLine(line);
  return parsed !== undefined && "record" in parsed ? parsed : undefined;
}

/** Reads what is left to do in a segment. Any bytes will do; what cannot be read is skipped and counted. */
export function scanSegment(content: Buffer): SegmentScan {
  const records = new Map<string, FoundRecord>();
  let skipped = 0;
  for (let offset = 0; offset < content.length;) {
    const newline = content.indexOf(NEWLINE, offset);
    const end = newline < 0 ? content.length : newline;
    const line = end > offset ? parseLine(content.subarray(offset, end)) : undefined;
    if (line === undefined) skipped += end > offset ? 1 : 0;
    else if ("acks" in line) for (const id of line.acks) records.delete(id);
    else records.set(line.record.id, { ...line, offset, length: end - offset });
    offset = end + 1;
  }
  return { records: [...records.values()], skipped };
}

function parseLine(line: Buffer): RecordLine | { readonly acks: readonly string[] } | undefined {
  const end = line.length - TAIL_BYTES;
  if (end <= 0 || line.toString("latin1", end, end + TAIL_START.length) !== TAIL_START)
    return undefined;
  const checksum = line.toString("latin1", end + TAIL_START.length, line.length - TAIL_END.length);
  if (checksum !== hex(crc32(line.subarray(0, end)))) return undefined;
  try {
    return parseChecked(line.subarray(0, end));
  } catch {
    return undefined;
  }
}

function parseChecked(line: Buffer): RecordLine | { readonly acks: readonly string[] } | undefined {
  const mark = line.indexOf(BODY_MARK);
  if (mark < 0) {
    const { ack } = JSON.parse(`${line.toString("utf8")}}`) as { ack?: unknown };
    return Array.isArray(ack) ? { acks: ack.filter((id) => typeof id === "string") } : undefined;
  }
  const head = JSON.parse(`${line.toString("utf8", 0, mark)}}`) as RecordHead;
  const { v, id, count, urgent, time, contentType, encoding } = head;
  if (v !== SEGMENT_VERSION || typeof id !== "string" || !Number.isFinite(time)) return undefined;
  if (!Number.isSafeInteger(count) || count <= 0) return undefined;
  const raw = line.subarray(mark + BODY_MARK.length);
  const body =
    encoding === "base64" ? Buffer.from(JSON.parse(raw.toString("utf8")) as string, "base64") : raw;
  const record = { id, count, urgent: urgent === true, body };
  return { time, record: contentType === undefined ? record : { ...record, contentType } };
}

/** Puts the checksum behind a line that begins with this head and goes on with this content. */
function seal(head: string, content: Uint8Array = new Uint8Array()): Buffer {
  const start = Buffer.from(head);
  const tail = `${TAIL_START}${hex(crc32(content, crc32(start)))}${TAIL_END}\n`;
  return Buffer.concat([start, content, Buffer.from(tail)]);
}

function hex(checksum: number): string {
  return checksum.toString(16).padStart(CHECKSUM_DIGITS, "0");
}
