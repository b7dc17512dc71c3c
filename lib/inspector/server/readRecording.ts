import { asObject } from "./jsonMembers.js";
import { splitOtlp } from "./splitOtlp.js";

/** Longer requests of a file are sent on in parts; what was received once, and is shorter, is received again. */
const SPLIT_ABOVE = 1_000_000;

/** One request body out of a recording, with the pipe it belongs to. */
export interface RecordedBody {
  readonly pipe: "otlp" | "posthog";
  readonly contentType: string;
  readonly body: string | Uint8Array;
}

/** What was found in a file, and how many lines were nothing of the kind. */
export interface Recording {
  readonly bodies: readonly RecordedBody[];
  readonly unread: number;
}

/**
 * Reads a recording: lines of `Record=1` (`{time, pipe, pid, body | base64}`), OTLP/JSON, a PostHog batch, or
 * lines of either, as the Collector's file exporter writes them. Free of Node's modules: the page reads files too.
 */
export function readRecording(text: string): Recording {
  const whole = bodiesOf(text);
  if (whole !== undefined) return { bodies: whole, unread: 0 };
  const bodies: RecordedBody[] = [];
  let unread = 0;
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    const found = bodiesOf(line);
    if (found === undefined) unread++;
    else bodies.push(...found);
  }
  return { bodies, unread };
}

function bodiesOf(text: string): readonly RecordedBody[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { pipe, body, base64, resourceSpans, batch } = asObject(value) ?? {};
  const json = (of: "otlp" | "posthog", content: string): RecordedBody => ({
    pipe: of,
    contentType: "application/json",
    body: content,
  });
  if (Array.isArray(resourceSpans)) {
    return text.length > SPLIT_ABOVE
      ? [...splitOtlp(resourceSpans)].map((part) => json("otlp", JSON.stringify(part)))
      : [json("otlp", text)];
  }
  if (Array.isArray(batch)) return [json("posthog", text)];
  if (pipe !== "otlp" && pipe !== "posthog") return undefined;
  if (typeof body === "string")
    return (
      (pipe === "otlp" && body.length > SPLIT_ABOVE ? bodiesOf(body) : undefined) ?? [
        json(pipe, body),
      ]
    );
  return typeof base64 === "string" && pipe === "otlp"
    ? [{ pipe, contentType: "application/x-protobuf", body: bytesOf(base64) }]
    : undefined;
}

function bytesOf(base64: string): Uint8Array {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}
