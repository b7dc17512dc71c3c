import { isUtf8 } from "node:buffer";
import { crc32 } from "../../shared/builtins.js";
import type { Parcel } from "../Parcel.js";

/** The format of a segment's lines; it is also the name of the folder, so that formats never share a file. */
export const SEGMENT_VERSION = 1;

/** What stands in a record beside its body. */
export interface RecordHead {
  readonly id: string;
  readonly count: number;
  readonly urgent: boolean;
  /** When it was written, by the wall clock, in ms. */
  readonly time: number;
  readonly contentType?: string;
  readonly encoding?: "base64";
}

/** One line, read back. */
export type SegmentLine =
  | { readonly kind: "record"; readonly head: RecordHead; readonly body: Buffer }
  | { readonly kind: "ack"; readonly ids: readonly string[] };

// A quote inside a JSON string has a backslash before it, so the mark cannot occur in the head before its place.
const BODY_MARK = ',"body":';
const TAIL_START = ',"checksum":"';
const TAIL_END = '"}';
const CHECKSUM_DIGITS = 8;
const TAIL_BYTES = TAIL_START.length + CHECKSUM_DIGITS + TAIL_END.length;
const JSON_TYPE = "application/json";

/**
 * A record as it is written, newline included, in one or three pieces. JSON without line breaks is stored as it
 * is, which is twice as fast as quoting it and leaves lines that any NDJSON reader can read; the rest is base64.
 */
export function formatRecord(parcel: Parcel, time: number): string | readonly Uint8Array[] {
  const { id, count, urgent, body, contentType = JSON_TYPE } = parcel;
  const plain = isPlain(body, contentType);
  const head: RecordHead & { v: number } = {
    v: SEGMENT_VERSION,
    id,
    count,
    urgent,
    time,
    contentType,
    ...(plain ? {} : { encoding: "base64" }),
  };
  const start = JSON.stringify(head).slice(0, -1) + BODY_MARK;
  if (plain && typeof body !== "string") {
    const startBytes = Buffer.from(start);
    return [startBytes, body, Buffer.from(tail(crc32(body, crc32(startBytes))))];
  }
  const text =
    start +
    (plain ? (body as string) : JSON.stringify(Buffer.from(body as string).toString("base64")));
  return text + tail(crc32(text));
}

/** Which records are settled, as one line. */
export function formatAck(ids: readonly string[]): string {
  const text = JSON.stringify({ ack: ids }).slice(0, -1);
  return text + tail(crc32(text));
}

/** Reads a line without its newline; undefined when it is torn, damaged or not ours. */
export function parseLine(line: Buffer): SegmentLine | undefined {
  const end = line.length - TAIL_BYTES;
  if (end <= 0 || line.toString("latin1", end, end + TAIL_START.length) !== TAIL_START)
    return undefined;
  const checksum = line.toString("latin1", end + TAIL_START.length, line.length - TAIL_END.length);
  if (checksum !== hex(crc32(line.subarray(0, end)))) return undefined;
  try {
    return parseChecked(line, end);
  } catch {
    return undefined;
  }
}

function parseChecked(line: Buffer, end: number): SegmentLine | undefined {
  const mark = line.indexOf(BODY_MARK);
  if (mark < 0) {
    const { ack } = JSON.parse(`${line.toString("utf8", 0, end)}}`) as { ack?: unknown };
    return Array.isArray(ack)
      ? { kind: "ack", ids: ack.filter((id) => typeof id === "string") }
      : undefined;
  }
  const head = JSON.parse(`${line.toString("utf8", 0, mark)}}`) as RecordHead & { v?: unknown };
  if (head.v !== SEGMENT_VERSION || typeof head.id !== "string" || !Number.isFinite(head.time))
    return undefined;
  if (!Number.isSafeInteger(head.count) || head.count <= 0) return undefined;
  const raw = line.subarray(mark + BODY_MARK.length, end);
  const body =
    head.encoding === "base64"
      ? Buffer.from(JSON.parse(raw.toString("utf8")) as string, "base64")
      : raw;
  return { kind: "record", head, body };
}

function isPlain(body: Uint8Array | string, contentType: string): boolean {
  if (!contentType.startsWith(JSON_TYPE)) return false;
  return typeof body === "string" ? !body.includes("\n") : !body.includes(0x0a) && isUtf8(body);
}

function tail(checksum: number): string {
  return `${TAIL_START}${hex(checksum)}${TAIL_END}\n`;
}

function hex(checksum: number): string {
  return checksum.toString(16).padStart(CHECKSUM_DIGITS, "0");
}
