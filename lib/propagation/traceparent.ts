import type { SpanContext } from "@opentelemetry/api";
import { isSpanContextValid } from "@opentelemetry/api";
import { parseTraceParent } from "@opentelemetry/core";
import { attempt } from "../shared/attempt.js";
import { isRandom, RANDOM_TRACE_STATE } from "./StrictTraceState.js";

/** The bit that says the rightmost 56 bits of the trace id are random (W3C Trace Context Level 2). */
export const RANDOM_FLAG = 0x02;
/** `sampled` and `random`: "Vendors MUST set" all others "to zero". */
export const KNOWN_FLAGS = 0x03;
/** Version 00 is exactly this long: 2 + 1 + 32 + 1 + 16 + 1 + 2. */
const TRACEPARENT_LENGTH = 55;
/** A later version may be longer; anything above this is prohibitively large and is not read. */
const MAX_TRACEPARENT_LENGTH = 512;

/**
 * A version after 00: three known fields, and anything further follows a dash (Versioning of traceparent). No field
 * may contain a comma, because HTTP/2 and Headers join several headers with one.
 */
const LATER_VERSION = /^(?!00|ff)[0-9a-f]{2}-([0-9a-f]{32}-[0-9a-f]{16})-([0-9a-f]{2})(?:-[^,]*)?$/;

/**
 * The `traceparent` of a span context, as W3C Trace Context writes it: `00-<trace id>-<span id>-<flags>`. The empty
 * string when the context is not valid, since no traceparent says "none".
 */
export function formatTraceparent(spanContext: SpanContext): string {
  return attempt(() => format(spanContext)) ?? "";
}

function format(spanContext: SpanContext): string {
  if (!isSpanContextValid(spanContext)) return "";
  const { traceId, spanId, traceFlags, traceState } = spanContext;
  const random = traceState !== undefined && isRandom(traceState) ? RANDOM_FLAG : 0;
  const flags = (traceFlags & KNOWN_FLAGS) | random;
  // The API accepts ids in upper case as valid; the grammar of the header does not.
  return `00-${traceId.toLowerCase()}-${spanId.toLowerCase()}-0${flags}`;
}

/**
 * Reads one `traceparent`, strictly by W3C Trace Context Level 2, including its rules for versions after 00. The span
 * context is remote. Undefined for anything else; never throws.
 */
export function parseTraceparent(text: unknown): SpanContext | undefined {
  const canonical = typeof text === "string" ? canonicalTraceparent(text) : undefined;
  const parsed = canonical === undefined ? null : parseTraceParent(canonical);
  if (parsed === null) return undefined;
  const { traceId, spanId } = parsed;
  const traceFlags = parsed.traceFlags & KNOWN_FLAGS;
  if ((traceFlags & RANDOM_FLAG) === 0) return { traceId, spanId, traceFlags, isRemote: true };
  return { traceId, spanId, traceFlags, isRemote: true, traceState: RANDOM_TRACE_STATE };
}

/**
 * Converts a string to a form that the official parser reads correctly, or to undefined; that parser keeps the flags
 * of versions that it does not know. A string of 55 characters that starts with `00-` is returned as it is.
 */
export function canonicalTraceparent(text: string): string | undefined {
  if (isVersion00(text)) return text;
  if (text.length < TRACEPARENT_LENGTH || text.length > MAX_TRACEPARENT_LENGTH) return undefined;
  const trimmed = text.replace(/^[ \t]+/, "").replace(/[ \t]+$/, "");
  if (isVersion00(trimmed)) return trimmed;
  const [, ids, flags] = LATER_VERSION.exec(trimmed) ?? [];
  if (ids === undefined || flags === undefined) return undefined;
  // Of an unknown version's flags, only `sampled` may be read.
  return `00-${ids}-0${Number.parseInt(flags, 16) & 1}`;
}

function isVersion00(text: string): boolean {
  return text.length === TRACEPARENT_LENGTH && text.startsWith("00-");
}
