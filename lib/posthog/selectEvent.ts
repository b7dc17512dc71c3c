import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import type { MirrorKind, MirrorSelection } from "../config/TelemetryOptions.js";

/** Why a span is mirrored and under which event name. */
export interface SelectedEvent {
  readonly kind: MirrorKind | "chosen";
  readonly event: string;
}

const SESSION = /^land:[^:]+:session:(?:start|end)$/;

/** Compiles the `mirror` option to one function, so that an ordinary span costs a comparison or two. */
export function createSelector(
  selection: MirrorSelection,
): (span: ReadableSpan, tier: string) => SelectedEvent | undefined {
  if (typeof selection === "function") return (span, tier) => choose(selection, span, tier);
  const errors = selection.includes("error");
  const sessions = selection.includes("session");
  const handlers = selection.includes("handler");
  return (span, tier) => {
    if (errors && span.status.code === SpanStatusCode.ERROR)
      return { kind: "error", event: `land:${tier}:error` };
    if (sessions && isSession(span.name)) return { kind: "session", event: span.name };
    if (handlers && span.kind === SpanKind.SERVER)
      return { kind: "handler", event: `land:${tier}:handler:complete` };
    return undefined;
  };
}

/** The first letter and a plain search tell an ordinary name apart before the pattern is asked. */
function isSession(name: string): boolean {
  return name.charCodeAt(0) === 0x6c && name.includes(":session:") && SESSION.test(name);
}

function choose(
  selection: (span: ReadableSpan) => boolean | string,
  span: ReadableSpan,
  tier: string,
): SelectedEvent | undefined {
  let chosen: unknown;
  try {
    chosen = selection(span);
  } catch {
    return undefined;
  }
  // A function without types may also answer with nothing.
  if (chosen !== true && (typeof chosen !== "string" || chosen === "")) return undefined;
  const failed = span.status.code === SpanStatusCode.ERROR;
  if (typeof chosen === "string") return { kind: failed ? "error" : "chosen", event: chosen };
  if (failed) return { kind: "error", event: `land:${tier}:error` };
  return { kind: isSession(span.name) ? "session" : "chosen", event: span.name };
}
