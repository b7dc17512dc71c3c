import { attempt } from "../shared/attempt.js";
import { crc32 } from "../shared/builtins.js";
import { isObject } from "../shared/isObject.js";

/** The format of journals and run files; files of another version are left alone until they are too old. */
export const RECORDER_VERSION = 1;
const CHECKSUM_START = ',"checksum":"';
const CHECKSUM_DIGITS = 8;
const TAIL_LENGTH = CHECKSUM_START.length + CHECKSUM_DIGITS + '"}'.length;
/** Maximum lines that are read of one file; our own files have far fewer. */
const MAX_LINES = 20_000;
const NEWLINE = 0x0a;

/** Formats an object that has members as one line of JSON, ending with a checksum of everything before it. */
export function formatLine(content: object): string {
  const text = JSON.stringify(content).slice(0, -1);
  return `${text}${CHECKSUM_START}${checksumOf(text)}"}\n`;
}

/** The intact lines of a file. A torn one loses only itself: reading resumes after the next newline. */
export function parseLines(bytes: Buffer): Record<string, unknown>[] {
  const lines: Record<string, unknown>[] = [];
  for (let start = 0; start < bytes.length && lines.length < MAX_LINES;) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline;
    const line = parseLine(bytes.toString("utf8", start, end));
    if (line !== undefined) lines.push(line);
    start = end + 1;
  }
  return lines;
}

function parseLine(line: string): Record<string, unknown> | undefined {
  const text = line.slice(0, -TAIL_LENGTH);
  if (text === "" || line.slice(-TAIL_LENGTH) !== `${CHECKSUM_START}${checksumOf(text)}"}`)
    return undefined;
  const value = attempt((): unknown => JSON.parse(`${text}}`));
  return isObject(value) ? (value as Record<string, unknown>) : undefined;
}

function checksumOf(text: string): string {
  return crc32(text).toString(16).padStart(CHECKSUM_DIGITS, "0");
}
