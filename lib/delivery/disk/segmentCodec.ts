import { isUtf8 } from "node:buffer";
import { attempt } from "../../shared/attempt.js";
import { crc32 } from "../../shared/builtins.js";
import { isObject } from "../../shared/isObject.js";
import { wallMs } from "../../shared/timers.js";
import type { DeliveryRecord } from "../DeliveryRecord.js";
import { bytesOf, JSON_TYPE } from "../DeliveryRecord.js";

/** The format of a segment's lines. The folder is named after it too, so that formats never share a file. */
export const SEGMENT_VERSION = 1;
/** A larger record is not kept, because replaying it would take that much memory. */
export const MAX_RECORD_BYTES = 16 * 1024 * 1024;
/** The head before a body takes about 150 bytes; anything larger than this is not ours and is not parsed. */
const MAX_HEAD_BYTES = 1024;
/** Maximum characters of an id; ours have 36. */
const MAX_ID_LENGTH = 128;
/** Maximum ids in one acknowledgement, so that its line is bounded like a record's. */
const IDS_PER_ACK = 64;
/** Enough for an acknowledgement of that many ids in which every character is escaped. */
const MAX_ACK_BYTES = 64 * 1024;
/** A larger body is not parsed: a deep one would block for tens of ms. If the endpoint refuses it, it is sent alone. */
const MAX_CHECKED_BYTES = 128 * 1024;
const CONTENT_TYPE = /^[\w.+-]{1,64}\/[\w.+-]{1,64}(?:; ?charset=[\w-]{1,16})?$/;

// A quote inside a JSON string is escaped with a backslash, so this mark cannot occur earlier in the head.
const BODY_MARK = ',"body":';
const ACK_START = '{"ack":[';
const TAIL_START = ',"checksum":"';
const TAIL_END = '"}';
const CHECKSUM_DIGITS = 8;
const TAIL_BYTES = TAIL_START.length + CHECKSUM_DIGITS + TAIL_END.length;
const NEWLINE = 0x0a;
/** The length of the largest record in base64; a longer line is not ours. */
export const MAX_LINE_BYTES = MAX_HEAD_BYTES + Math.ceil(MAX_RECORD_BYTES / 3) * 4 + 2 + TAIL_BYTES;

/** What a line says about its record before the body. */
export interface RecordHead extends Omit<DeliveryRecord, "body"> {
  /** When it was written, in ms of the wall clock. */
  readonly time: number;
  readonly isBase64: boolean;
  /** Offset of the body in the line, in bytes. */
  readonly bodyAt: number;
}

/** What a line holds: a record, or the ids of settled records. */
export type Line = RecordHead | { readonly acks: readonly string[] };

/**
 * A record as it is written, newline included. JSON without line breaks is stored unchanged, so that any NDJSON reader
 * can read the lines; any other body is stored in base64.
 */
export function formatRecord(record: DeliveryRecord): Buffer {
  const { id, count, urgent, body, contentType = JSON_TYPE } = record;
  const bytes = bytesOf(body);
  const isPlain = isJson(contentType) && !bytes.includes(NEWLINE) && isUtf8(bytes);
  const form = isPlain ? { contentType } : { contentType, encoding: "base64" };
  const head = { v: SEGMENT_VERSION, id, count, urgent, time: wallMs(), ...form };
  const content = isPlain ? bytes : Buffer.from(`"${bytes.toString("base64")}"`);
  return seal(Buffer.from(JSON.stringify(head).slice(0, -1) + BODY_MARK), content);
}

/** Acknowledgement lines for settled records. The newline in front of them ends a line that may be torn. */
export function formatAcks(ids: readonly string[]): Buffer {
  const lines: Buffer[] = [Buffer.of(NEWLINE)];
  for (let at = 0; at < ids.length; at += IDS_PER_ACK) {
    const head = JSON.stringify({ ack: ids.slice(at, at + IDS_PER_ACK) }).slice(0, -1);
    lines.push(seal(Buffer.from(head), Buffer.alloc(0)));
  }
  return Buffer.concat(lines);
}

/**
 * Reads all of a line but the body; the line is given without its newline. Undefined when it is torn, damaged or not
 * in our format. The cost is bounded, because only a short head or acknowledgement is parsed.
 */
export function parseLine(line: Buffer): Line | undefined {
  const end = line.length - TAIL_BYTES;
  const head = end > 0 && line.length <= MAX_LINE_BYTES ? parseHead(line, end) : undefined;
  if (head === undefined) return undefined;
  return line.toString("latin1", end) === tail(crc32(line.subarray(0, end))) ? head : undefined;
}

/** Whether a line may begin like this: a check before a long line is read in full. */
export function isPlausible(start: Buffer): boolean {
  return parseHead(start, MAX_LINE_BYTES) !== undefined;
}

/** Reads a record back, with or without its newline; undefined when the line or its body is not in our format. */
export function parseRecord(bytes: Buffer): DeliveryRecord | undefined {
  const line = bytes.at(-1) === NEWLINE ? bytes.subarray(0, -1) : bytes;
  const head = parseLine(line);
  if (head === undefined || "acks" in head) return undefined;
  const { id, count, urgent, contentType = JSON_TYPE } = head;
  const raw = line.subarray(head.bodyAt, -TAIL_BYTES);
  const body = head.isBase64 ? fromBase64(raw.toString("latin1")) : raw;
  if (body === undefined || (isJson(contentType) && !holdsJson(body))) return undefined;
  return { id, count, urgent, body, contentType };
}

function parseHead(line: Buffer, end: number): Line | undefined {
  const start = line.subarray(0, Math.min(end, MAX_HEAD_BYTES));
  const mark = start.indexOf(BODY_MARK);
  if (mark >= 0) return parseRecordHead(start.subarray(0, mark), end);
  const isAck = end <= MAX_ACK_BYTES && start.indexOf(ACK_START) === 0;
  const parsed = isAck ? parseObject(line.subarray(0, end)) : undefined;
  const acks = parsed?.["ack"];
  return Array.isArray(acks) ? { acks: acks.filter((id) => typeof id === "string") } : undefined;
}

function parseRecordHead(bytes: Buffer, end: number): RecordHead | undefined {
  const head = parseObject(bytes);
  if (head === undefined) return undefined;
  const { v, id, count, urgent, time, contentType = JSON_TYPE, encoding } = head;
  const bodyAt = bytes.length + BODY_MARK.length;
  if (v !== SEGMENT_VERSION || typeof time !== "number" || typeof urgent !== "boolean")
    return undefined;
  if (typeof id !== "string" || id === "" || id.length > MAX_ID_LENGTH) return undefined;
  if (typeof contentType !== "string" || !CONTENT_TYPE.test(contentType)) return undefined;
  if (encoding !== undefined && encoding !== "base64") return undefined;
  // Every span or event takes at least a byte; this bound keeps the sum of all counts a safe integer.
  if (typeof count !== "number" || !Number.isSafeInteger(count)) return undefined;
  if (count <= 0 || count > end) return undefined;
  return { id, count, urgent, time, contentType, isBase64: encoding !== undefined, bodyAt };
}

/** Parses the object that a line begins with, after adding its closing brace. */
function parseObject(bytes: Buffer): Record<string, unknown> | undefined {
  const value = attempt((): unknown => JSON.parse(`${bytes.toString("utf8")}}`));
  return isObject(value) ? (value as Record<string, unknown>) : undefined;
}

function fromBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text.slice(1, -1), "base64");
  // Node ignores characters that are not base64.
  return `"${bytes.toString("base64")}"` === text ? bytes : undefined;
}

function holdsJson(body: Buffer): boolean {
  if (body.length > MAX_CHECKED_BYTES) return true;
  const parsed = attempt(() => ({ value: JSON.parse(body.toString("utf8")) as unknown }));
  return isUtf8(body) && parsed !== undefined;
}

function isJson(contentType: string): boolean {
  return contentType.startsWith(JSON_TYPE);
}

/** A complete line: head, content, checksum of both and newline. */
function seal(head: Buffer, content: Buffer): Buffer {
  return Buffer.concat([head, content, Buffer.from(`${tail(crc32(content, crc32(head)))}\n`)]);
}

function tail(checksum: number): string {
  return TAIL_START + checksum.toString(16).padStart(CHECKSUM_DIGITS, "0") + TAIL_END;
}
