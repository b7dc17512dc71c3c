import { diag, DiagConsoleLogger, DiagLogLevel } from "@opentelemetry/api";
import { report } from "./report.js";

const API_GLOBAL = Symbol.for("opentelemetry.js.api.1");

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Honours `OTEL_LOG_LEVEL`: silent when it is not set, and when the host has set a logger of its own, which the
 * API would replace without asking.
 */
export function enableDiagnostics(environment: Environment): void {
  const wanted = wantedLevel(environment);
  if (wanted !== "" && apiGlobals()?.diag === undefined)
    diag.setLogger(new DiagConsoleLogger(), { logLevel: levelOf(wanted) ?? DiagLogLevel.INFO });
  checkLogLevel(environment);
}

/** Says when `OTEL_LOG_LEVEL` cannot be used. */
export function checkLogLevel(environment: Environment): void {
  const wanted = wantedLevel(environment);
  if (wanted !== "" && levelOf(wanted) === undefined)
    diagnoseSetting(
      "OTEL_LOG_LEVEL",
      wanted,
      "NONE, ERROR, WARN, INFO, DEBUG, VERBOSE, ALL",
      "INFO is used.",
    );
}

function wantedLevel(environment: Environment): string {
  return environment["OTEL_LOG_LEVEL"]?.trim().toUpperCase() ?? "";
}

function levelOf(wanted: string): DiagLogLevel | undefined {
  const level = (DiagLogLevel as unknown as Record<string, DiagLogLevel | undefined>)[wanted];
  return typeof level === "number" ? level : undefined;
}

interface ApiGlobals {
  diag?: unknown;
  readonly context?: unknown;
  readonly propagation?: unknown;
}

/** What the API keeps on the global object; undefined before its first use. */
export function apiGlobals(): ApiGlobals | undefined {
  return (globalThis as Record<symbol, unknown>)[API_GLOBAL] as ApiGlobals | undefined;
}

/** Sentences kept of one start: more of them come from a mistake in a program, and say nothing new. */
const MAX_PROBLEMS = 100;

/** What {@link diagnoseSetting} has said since {@link collectProblems} began. */
let collected: Set<string> | undefined;

/** Does some work, and gives what it gives with every sentence about an unusable setting that was said meanwhile. */
export function collectProblems<T>(work: () => T): {
  readonly result: T;
  readonly problems: readonly string[];
} {
  const outer = collected;
  const own = (collected = new Set<string>());
  try {
    const result = work();
    return { result, problems: Object.freeze([...own]) };
  } finally {
    collected = outer;
  }
}

/**
 * Calls the API while it has no logger. It logs in the middle of setting a global, which a logger of the host's that
 * throws would leave half done.
 */
export function withoutLogger<T>(work: () => T): T {
  const globals = apiGlobals();
  const logger = globals?.diag;
  if (globals === undefined || logger === undefined) return work();
  delete globals.diag;
  try {
    return work();
  } finally {
    globals.diag = logger;
  }
}

/**
 * Says through `diag` that a setting cannot be used: which one, what it holds, what is accepted, and what is done
 * instead. The value is shown shortened; what may hold a secret is given as {@link HIDDEN}.
 */
export function diagnoseSetting(
  name: string,
  value: unknown,
  accepted: string,
  instead: string,
): void {
  const sentence = `${shorten(name)}=${show(value)} is not usable; accepted: ${accepted}. ${instead}`;
  if (collected !== undefined && collected.size < MAX_PROBLEMS) collected.add(sentence);
  report("warn", sentence);
}

/** Stands for a value that is not shown. */
export const HIDDEN = "…";

const MAX_SHOWN = 80;

/** A value as far as it can be shown, shortened. */
export function show(value: unknown): string {
  try {
    return shorten(typeof value === "string" ? JSON.stringify(value) : String(value));
  } catch {
    return typeof value;
  }
}

function shorten(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
