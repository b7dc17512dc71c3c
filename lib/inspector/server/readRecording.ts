// This file uses no Node modules, because the page opens recordings too.
import { asArray, asObject, member } from "./jsonMembers.js";

/** Recorded requests above this length in characters are split. Shorter ones were accepted once, and will be again. */
const SPLIT_ABOVE = 1_000_000;
/** Spans in one request: far below the receiver's limits of bytes and members. */
const SPANS_PER_REQUEST = 2_000;
const PATHS = { otlp: "/v1/traces", posthog: "/batch/" } as const;

/** One request body of a recording, with the pipe that it belongs to. */
interface RecordedBody {
  readonly pipe: "otlp" | "posthog";
  readonly contentType: string;
  readonly body: string | Uint8Array<ArrayBuffer>;
}

/** Sends a recording as if it had just happened; resolves to how many were accepted, and how many refused or unread. */
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
 * Parses a recording: lines of `Record=1` (`{time, pipe, pid, body | base64}`), OTLP/JSON, a PostHog batch, or
 * lines of either, as the Collector's file exporter writes them. `unread` counts the lines that are none of these.
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
 * Splits one of the `resourceSpans` of an OTLP/JSON request into several equivalent requests. A file may hold any
 * amount, which a receiver would refuse in a single request.
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

/** The result of a parser; undefined when it throws. */
function orNothing(parse: (text: string) => unknown, text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}
