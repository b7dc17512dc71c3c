/**
 * What stands in a release for a call of each public name:
 * - `{ value }`: this text; it is also what the release entry returns.
 * - `{ argument }`: that argument.
 * - `run`: the function given last is run, as `withSpan` does.
 * - `dropped`: nothing where nobody uses the result; otherwise the call stays, and the release entry answers it.
 * - `element`: the same, and nothing in a list of interceptors or processors.
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

/** The properties whose lists may do without an element. */
export const LISTS: ReadonlySet<string> = new Set(["interceptors", "spanProcessors"]);
