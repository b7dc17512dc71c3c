import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import type { Configuration } from "../config/Configuration.js";
import type { MirrorKind } from "../config/TelemetryOptions.js";
import { tierOf } from "./spanToEvent.js";

/** Why a span is mirrored and under which event name. */
export interface SelectedEvent {
  readonly kind: MirrorKind | "chosen";
  readonly event: string;
}

const SESSION = /^land:[^:]+:session:(?:start|end)$/;

/** What the `mirror` option makes of an ended span; undefined for one that is not mirrored. */
export function selectEvent(
  span: ReadableSpan,
  configuration: Pick<Configuration, "mirror" | "tier">,
): SelectedEvent | undefined {
  const { mirror } = configuration;
  const named = (name: string): string => `land:${tierOf(span, configuration)}:${name}`;
  const isFailed = span.status.code === SpanStatusCode.ERROR;
  if (typeof mirror === "function") {
    // A function without types may also return nothing.
    const chosen: unknown = mirror(span);
    if (typeof chosen === "string" && chosen !== "")
      return { kind: isFailed ? "error" : "chosen", event: chosen };
    if (chosen !== true) return undefined;
    if (isFailed) return { kind: "error", event: named("error") };
    return { kind: SESSION.test(span.name) ? "session" : "chosen", event: span.name };
  }
  if (isFailed && mirror.includes("error")) return { kind: "error", event: named("error") };
  if (mirror.includes("session") && SESSION.test(span.name))
    return { kind: "session", event: span.name };
  if (span.kind === SpanKind.SERVER && mirror.includes("handler"))
    return { kind: "handler", event: named("handler:complete") };
  return undefined;
}
