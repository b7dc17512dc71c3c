import type { SpanContext, TraceState } from "@opentelemetry/api";
import type { Redactor } from "./Redactor.js";

/** A span context whose trace state holds no secrets; the ids are random and stay. */
export function redactContext(redactor: Redactor, context: SpanContext): SpanContext {
  const { traceState } = context;
  if (traceState === undefined) return context;
  const text = traceState.serialize();
  // Every new trace has one that holds a flag and no members.
  if (text === "") return context;
  const redacted = redactMembers(redactor, text);
  return redacted === text ? context : { ...context, traceState: fixedState(redacted) };
}

/** Each member on its own, `key=value`: a key stays, and what is left is a valid header again. */
function redactMembers(redactor: Redactor, text: string): string {
  return text
    .split(",")
    .map((member) => {
      const equals = member.indexOf("=") + 1;
      return (
        member.slice(0, equals) +
        redactor.text(member.slice(equals)).replaceAll("=", "").replaceAll(",", "")
      );
    })
    .join(",");
}

/** A trace state that is only read: it has left the process, and nobody adds to it. */
function fixedState(text: string): TraceState {
  const members = new Map(
    text
      .split(",")
      .map((member) => [
        member.slice(0, member.indexOf("=")),
        member.slice(member.indexOf("=") + 1),
      ]),
  );
  const state: TraceState = {
    get: (key) => members.get(key),
    set: () => state,
    unset: () => state,
    serialize: () => text,
  };
  return state;
}
