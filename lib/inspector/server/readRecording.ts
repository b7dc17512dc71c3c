// Free of Node's modules: the page opens files too.
import { asArray, asObject, member } from "./jsonMembers.js";

/** Longer requests of a file are sent on in parts; what was received once, and is shorter, is received again. */
const SPLIT_ABOVE = 1_000_000;
/** Spans of one request: far below what a receiver refuses, in bytes and in members. */
const SPANS_PER_REQUEST = 2_000;
const PATHS = { otlp: "/v1/traces", posthog: "/batch/" } as const;

/** One request body out of a recording, with the pipe it belongs to. */
interface RecordedBody {
  readonly pipe: "otlp" | "posthog";
  readonly contentType: string;
  readonly body: string | Uint8Array<ArrayBuffer>;
}

/** Sends what a recording holds to a receiver, as if it had just happened; counts what was taken and what was not. */
export async function sendRecording(text: string, receiver: string) {
  const { bodies, unread } = readRecording(text);
  let opened = 0;
  for (const { pipe, contentType, body } of bodies) {
    const headers = { "content-type": contentType };
    const { ok } = await fetch(receiver + PATHS[pipe], { method: "POST", headers, body });
    if (ok) opened++;
  }
  return { opened, refused: bodies.length - opened + unread };
}

/**
 * Reads a recording: lines of `Record=1` (`{time, pipe, pid, body | base64}`), OTLP/JSON, a PostHog batch, or
 * lines of either, as the Collector's file exporter writes them. Counts the lines that are nothing of the kind.
 */
export function readRecording(text: string): { bodies: readonly RecordedBody[]; unread: number } {
  const whole = bodiesOf(text);
  if (whole !== undefined) return { bodies: whole, unread: 0 };
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const found = lines.map(bodiesOf);
  return {
    bodies: found.flatMap((bodies) => bodies ?? []),
    unread: found.filter((bodies) => bodies === undefined).length,
  };
}

function bodiesOf(text: string): readonly RecordedBody[] | undefined {
  const { pipe, body, base64, resourceSpans, batch } = asObject(orNothing(JSON.parse, text)) ?? {};
  const json = (of: "otlp" | "posthog", content: string): RecordedBody => ({
    pipe: of,
    contentType: "application/json",
    body: content,
  });
  if (Array.isArray(resourceSpans)) {
    if (text.length <= SPLIT_ABOVE) return [json("otlp", text)];
    return resourceSpans.flatMap(split).map((part) => json("otlp", JSON.stringify(part)));
  }
  if (Array.isArray(batch)) return [json("posthog", text)];
  if (pipe !== "otlp" && pipe !== "posthog") return undefined;
  if (typeof body === "string") {
    const parts = pipe === "otlp" && body.length > SPLIT_ABOVE ? bodiesOf(body) : undefined;
    return parts ?? [json(pipe, body)];
  }
  const bytes = pipe === "otlp" && typeof base64 === "string" && orNothing(atob, base64);
  if (typeof bytes !== "string") return undefined;
  const protobuf = Uint8Array.from(bytes, (character) => character.charCodeAt(0));
  return [{ pipe: "otlp", contentType: "application/x-protobuf", body: protobuf }];
}

/**
 * One of an OTLP/JSON request's `resourceSpans` as several requests that together say the same. A file holds as much
 * as somebody kept; a receiver would refuse to take all of it at once.
 */
function split(group: unknown): readonly { readonly resourceSpans: readonly unknown[] }[] {
  return asArray(member(group, "scopeSpans")).flatMap((scoped) => {
    const spans = asArray(member(scoped, "spans"));
    const parts = Array.from({ length: Math.ceil(spans.length / SPANS_PER_REQUEST) }, (_, i) =>
      spans.slice(i * SPANS_PER_REQUEST, (i + 1) * SPANS_PER_REQUEST),
    );
    return parts.map((part) => ({
      resourceSpans: [{ ...asObject(group), scopeSpans: [{ ...asObject(scoped), spans: part }] }],
    }));
  });
}

/** What a parser makes of a text; undefined when it throws. */
function orNothing(parse: (text: string) => unknown, text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}
