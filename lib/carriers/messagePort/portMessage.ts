import type { Context } from "@opentelemetry/api";
import { context, trace } from "@opentelemetry/api";
import { acceptMark, countedMark, markCounted } from "../../failures/mark.js";
import { rememberCountedText } from "../../failures/settleFailure.js";
import { attempt } from "../../shared/attempt.js";
import { globalState } from "../../shared/globalState.js";
import { isObject } from "../../shared/isObject.js";
import { extractPayload, injectPayload, PAYLOAD_MARK_KEY, payloadKeysIn } from "../payloads.js";
import { report } from "../../shared/report.js";

/** Maximum number of members of a message searched for a failure: an answer has few at its top level. */
const MAX_MEMBERS = 16;
/** The names under which messages hold their failures; an Error is recognised under any name. */
const FAILURE_NAMES: ReadonlySet<string> = new Set(["error", "Error", "err", "failure", "reason"]);
const ERROR_KINDS: ReadonlySet<string> = new Set(["[object Error]", "[object DOMException]"]);

/**
 * Posts a value with the keys of the active context at its top level, if it is an object that can hold them.
 *
 * The keys are on the value itself while it is being cloned, and are removed before this returns: a copy would break
 * the cycles and shared parts that the structured clone preserves. Only a value that accepts no keys (frozen) is
 * copied.
 */
export function sendTraced<T>(value: unknown, post: (value: unknown) => T): T {
  const keys = keysFor(value);
  const names = Object.keys(keys);
  if (!isObject(value) || names.length === 0) return post(value);
  // A proxy of the caller's may refuse; it is then posted without them.
  const sent = attempt(() =>
    Object.isExtensible(value)
      ? Object.defineProperties(value, Object.getOwnPropertyDescriptors(keys))
      : { ...value, ...keys },
  );
  try {
    return post(sent ?? value);
  } finally {
    // Last first, so that the object gets its former shape back instead of a slower one.
    attempt(() => names.reverse().forEach((name) => Reflect.deleteProperty(value, name)));
  }
}

/**
 * The context in which a received payload was sent; the active one when the payload has none. Its keys are removed,
 * so that listeners see what the sender posted; the payload is a clone that belongs to this side.
 *
 * @param seen contexts of payloads whose keys have been removed already: several listeners may get the same one
 */
export function receiveTraced(payload: unknown, seen: WeakMap<object, Context>): Context {
  const active = context.active();
  if (!isObject(payload)) return active;
  const known = seen.get(payload);
  if (known !== undefined) return known;
  try {
    const keys = payloadKeysIn(payload);
    if (keys.length === 0) return active;
    const sender = extractPayload(payload, active);
    const caller = trace.getSpanContext(sender);
    if (caller !== undefined) adoptReceivedMark(payload, caller.traceId, caller.spanId);
    for (const key of keys.reverse()) Reflect.deleteProperty(payload, key);
    seen.set(payload, sender);
    return sender;
  } catch (error) {
    report("error", "a received message could not be traced", error);
    return active;
  }
}

/** The keys to send with a value; none when it cannot hold them or already has some, or when there is no context. */
function keysFor(value: unknown): Record<string, unknown> {
  const { runtime } = globalState();
  try {
    if (runtime === undefined && trace.getSpan(context.active()) === undefined) return {};
    // Object literals, objects without a prototype, and class instances, which arrive as plain objects.
    if (kindOf(value) !== "[object Object]" || payloadKeysIn(value as object).length > 0) return {};
    const mark = markToSend(value as object);
    const keys = injectPayload({}) as Record<string, unknown>;
    return mark === undefined ? keys : { ...keys, [PAYLOAD_MARK_KEY]: mark };
  } catch (error) {
    report("error", "a message could not be traced", error);
    return {};
  }
}

/**
 * The mark of the counted failure that a message is about to carry: an Error or thrown object that was counted, or
 * the text of one that was counted directly below the active span.
 */
function markToSend(payload: object): string | undefined {
  const spanId = trace.getSpanContext(context.active())?.spanId;
  const below = spanId === undefined ? undefined : globalState().childFailures.get(spanId);
  for (const failure of failuresIn(payload)) {
    const mark = countedMark(failure);
    if (mark !== undefined) return mark;
    if (below !== undefined && textOf(failure) === below.text) return below.mark;
  }
  return undefined;
}

/**
 * Takes over the mark of a message that arrived in the trace of `spanId`: its failures are then treated as already
 * counted, even when the receiver makes an Error of its own from their text.
 */
function adoptReceivedMark(payload: object, traceId: string, spanId: string): void {
  const mark = acceptMark(Reflect.get(payload, PAYLOAD_MARK_KEY), traceId);
  if (mark === undefined) return;
  for (const failure of failuresIn(payload)) {
    markCounted(failure, mark);
    const text = textOf(failure);
    if (text !== undefined && text !== "") rememberCountedText(spanId, text, mark);
  }
}

function failuresIn(payload: object): unknown[] {
  return Object.keys(payload)
    .slice(0, MAX_MEMBERS)
    .flatMap((key) => {
      // From the descriptor, because a getter of the caller's would otherwise run once more than without us.
      const value: unknown = Object.getOwnPropertyDescriptor(payload, key)?.value;
      const named = FAILURE_NAMES.has(key) && value !== null && value !== undefined;
      return named || ERROR_KINDS.has(kindOf(value)) ? [value] : [];
    });
}

function textOf(failure: unknown): string | undefined {
  const text: unknown = isObject(failure) ? Reflect.get(failure, "message") : failure;
  return typeof text === "string" ? text : undefined;
}

function kindOf(value: unknown): string {
  return Object.prototype.toString.call(value);
}
