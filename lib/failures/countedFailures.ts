import { globalState } from "../shared/globalState.js";
import { isObject } from "../shared/isObject.js";

/** A cause chain longer than this is taken as ended: hostile or circular. */
const MAX_CAUSES = 16;
/** Errors of one AggregateError that are looked at. */
const MAX_AGGREGATED = 32;

/**
 * The mark under which a failure was counted, or undefined when it was not. A failure is also counted when
 * one of its causes was, an AggregateError when all of its errors were, and a gRPC ServiceError when its
 * metadata was: the call's span ends, and is counted, before grpc-js makes the error.
 */
export function countedMark(failure: unknown): string | undefined {
  const { countedFailures } = globalState();
  let current: unknown = failure;
  for (let depth = 0; depth < MAX_CAUSES && isObject(current); depth++) {
    const mark = countedFailures.get(current) ?? metadataMark(current) ?? aggregatedMark(current);
    if (mark !== undefined) return mark;
    current = readMember(current, "cause");
  }
  return undefined;
}

/** Whether a failure or one of its causes has this message: how an error rebuilt from a response is known again. */
export function saysText(failure: unknown, text: string): boolean {
  let current: unknown = failure;
  for (let depth = 0; depth < MAX_CAUSES && isObject(current); depth++) {
    if (readMember(current, "message") === text) return true;
    current = readMember(current, "cause");
  }
  return false;
}

/** Counts a failure under a mark (see `formatMark`); primitives have no identity and are left out. */
export function markCounted(failure: unknown, mark: string): void {
  if (isObject(failure)) globalState().countedFailures.set(failure, mark);
}

function metadataMark(failure: object): string | undefined {
  const metadata = readMember(failure, "metadata");
  return isObject(metadata) ? globalState().countedFailures.get(metadata) : undefined;
}

function aggregatedMark(failure: object): string | undefined {
  const errors = readMember(failure, "errors");
  if (!Array.isArray(errors) || errors.length > MAX_AGGREGATED) return undefined;
  const { countedFailures } = globalState();
  let mark: string | undefined;
  for (const error of errors as unknown[]) {
    mark = isObject(error) ? countedFailures.get(error) : undefined;
    if (mark === undefined) return undefined;
  }
  return mark;
}

function readMember(value: object, name: string): unknown {
  try {
    return (value as Record<string, unknown>)[name];
  } catch {
    return undefined;
  }
}
