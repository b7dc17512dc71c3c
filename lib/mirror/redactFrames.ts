import type { Redactor } from "../privacy/Redactor.js";

interface Frame {
  filename?: unknown;
  abs_path?: unknown;
}

/**
 * Redacts the file names of parsed frames as those of a stack trace, which keep their base name and, inside the
 * application, their relative part; a bare path would keep nothing. Changes the list, which is ours.
 */
export function redactFrames(exception: Record<string, unknown>, redactor: Redactor): Record<string, unknown> {
  for (const frame of framesOf(exception["$exception_list"])) {
    if (typeof frame.filename === "string") frame.filename = redactFile(frame.filename, redactor);
    delete frame.abs_path;
  }
  return exception;
}

function redactFile(file: string, redactor: Redactor): string {
  const [before, after] = ["    at f (", ":1:1)"];
  const line = redactor.stack(before + file + after);
  return line.startsWith(before) && line.endsWith(after) ? line.slice(before.length, -after.length) : line;
}

function framesOf(list: unknown): Frame[] {
  if (!Array.isArray(list)) return [];
  return (list as { stacktrace?: { frames?: Frame[] } }[]).flatMap(({ stacktrace }) => stacktrace?.frames ?? []);
}
