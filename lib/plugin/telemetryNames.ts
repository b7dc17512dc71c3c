/**
 * What replaces a call of each public name in a release:
 * - `{ value }`: this source text, which evaluates to what the release entry returns.
 * - `{ argument }`: the argument with this index.
 * - `run`: the function passed last is run, as `withSpan` does.
 * - `dropped`: nothing if the result is unused; otherwise the call stays, and the release entry answers it.
 * - `element`: as `dropped`, and also nothing in a list of interceptors or processors.
 */
export type Replacement =
  { readonly value: string } | { readonly argument: number } | "run" | "dropped" | "element";

export const REPLACEMENTS: Readonly<Record<string, Replacement>> = {
  register: "dropped",
  withSpan: "run",
  emitSpan: "dropped",
  traceHandler: { argument: 1 },
  captureEvent: { value: "void 0" },
  captureError: { value: "void 0" },
  captureSession: { value: "void 0" },
  inject: { argument: 0 },
  extract: "dropped",
  injectPayload: { argument: 0 },
  extractPayload: "dropped",
  stripPayload: { argument: 0 },
  markPayload: { argument: 0 },
  adoptPayloadMark: { value: "false" },
  trusted: { argument: 0 },
  formatTraceparent: { value: `""` },
  parseTraceparent: { value: "void 0" },
  isAllowed: { value: "false" },
  stats: "dropped",
  flush: { value: "Promise.resolve()" },
  markLaunched: { value: "void 0" },
  watchChild: { value: "void 0" },
  shutdown: { value: "Promise.resolve()" },
  childEnvironment: "dropped",
  parentContext: "dropped",
  clientInterceptor: "element",
  serverInterceptor: "element",
  PostHogMirrorSpanProcessor: "element",
  traceConnection: "dropped",
  traceFrames: "dropped",
  currentTrace: "dropped",
  tracePort: { argument: 0 },
  injectWorkerData: { argument: 0 },
  traceInvoke: { argument: 0 },
  traceListen: { argument: 0 },
  workerContext: "dropped",
  acceptRelayed: { value: "Promise.resolve(false)" },
  startInspector: "dropped",
};

/** The properties whose lists work without the element. */
export const LISTS: ReadonlySet<string> = new Set(["interceptors", "spanProcessors"]);
