import type { Globals } from "./Globals.js";
import type { OpenCall } from "./OpenCall.js";
import type { Runtime } from "./Runtime.js";
import type { Stats } from "./Stats.js";

/**
 * The state that all copies of this package in one process share: an ESM and a CommonJS build, two versions, and the
 * subpaths, which are separate bundles. It holds only plain data and interfaces, and members are only ever added, so
 * that an older copy can read what a newer one made.
 */
export interface GlobalState {
  /** The telemetry that `register` created, until it is shut down. */
  runtime?: Runtime;
  /** The globals that the last `register` set, so that a `register` after its shutdown can replace them. */
  globals?: Globals;
  /** The final counts, once the runtime is shut down. */
  finalStats?: Stats;
  /** The marks of failures that were counted as an event, by the thrown object. */
  readonly countedFailures: WeakMap<object, string>;
  /** The failure last recorded on each span. */
  readonly spanFailures: WeakMap<object, unknown>;
  /** The mark of a failure that was counted at or below a span, by span. */
  readonly spanMarks: WeakMap<object, string>;
  /** Failures counted in a child span, by the span id of its parent; bounded. */
  readonly childFailures: Map<string, ChildFailure>;
  /** Strings (bounded in number) and objects that redaction lets pass. */
  trustedTexts?: Set<string>;
  trustedObjects?: WeakSet<object>;
  /** Whether this process (or worker thread) has sent its session start. */
  sessionStarted: boolean;
  /** Starts the span of a call out of or into a page; only a page has it. */
  openCall?: OpenCall;
  /** Whether a mirror has made the event for the session start. */
  sessionMirrored: boolean;
}

/** A failure that was counted in a child span. The parent, which may pass it on, recognises it by its text. */
export interface ChildFailure {
  readonly text: string;
  readonly mark: string;
}

const KEY = Symbol.for("land-telemetry.state.v1");

/** Cached, because the state is never replaced and finding it is most of the cost of a call that does nothing. */
let known: GlobalState | undefined;

/** The one state of this process; created on the first call, so that nothing happens at import. */
export function globalState(): GlobalState {
  return (known ??= findState());
}

function findState(): GlobalState {
  const holder = globalThis as unknown as Record<typeof KEY, GlobalState | undefined>;
  return (holder[KEY] ??= {
    countedFailures: new WeakMap(),
    spanFailures: new WeakMap(),
    spanMarks: new WeakMap(),
    childFailures: new Map(),
    sessionStarted: false,
    sessionMirrored: false,
  });
}
