import type { Globals } from "./Globals.js";
import type { OpenCall } from "./OpenCall.js";
import type { Runtime } from "./Runtime.js";
import type { Stats } from "./Stats.js";

/**
 * What all copies of this package in one process share: an ESM and a CommonJS build, two versions, and the
 * subpaths, which are bundles of their own. Only plain data and interfaces live here, and members are only
 * ever added, so that an older copy can read what a newer one made.
 */
export interface GlobalState {
  /** The telemetry that `register` made, until it is shut down. */
  runtime?: Runtime;
  /** What the last `register` set, so that one after its shutdown can replace it. */
  globals?: Globals;
  /** The ledger at the end, once the runtime is shut down. */
  finalStats?: Stats;
  /** Failures that were counted as an event, by the identity of the thrown object. */
  readonly countedFailures: WeakMap<object, string>;
  /** The last failure that was recorded on a span, by span. */
  readonly spanFailures: WeakMap<object, unknown>;
  /** Marks of failures that were counted at or below a span, by span. */
  readonly spanMarks: WeakMap<object, string>;
  /** Texts of failures counted in a child span, by the span id of its parent; bounded. */
  readonly childFailures: Map<string, ChildFailure>;
  /** Texts and objects that redaction lets pass; bounded. */
  trustedTexts?: Set<string>;
  trustedObjects?: WeakSet<object>;
  /** Whether this process (or worker thread) has sent its session start. */
  sessionStarted: boolean;
  /** Starts the span of a call out of or into a page; only a page has it. */
  openCall?: OpenCall;
  /** Whether a mirror has made the event of the session start. */
  sessionMirrored: boolean;
}

/** A failure without identity, which its parent span may pass on. */
export interface ChildFailure {
  readonly text: string;
  readonly mark: string;
}

const KEY = Symbol.for("land-telemetry.state.v1");

/** The state once it is known: it is never replaced, and finding it is most of what a call costs that does nothing. */
let known: GlobalState | undefined;

/** The one state of this process; made at the first call, so that nothing happens at import. */
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
