import { diag, DiagConsoleLogger, DiagLogLevel } from "@opentelemetry/api";
import { report } from "./report.js";

const API_GLOBAL = Symbol.for("opentelemetry.js.api.1");

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Sets a console logger as `OTEL_LOG_LEVEL` asks. Does nothing if that is not set, or if the host has set its own
 * logger, which the API would replace without asking.
 */
export function enableDiagnostics(environment: Environment): void {
  const wanted = wantedLevel(environment);
  if (wanted !== "" && apiGlobals()?.diag === undefined)
    diag.setLogger(new DiagConsoleLogger(), { logLevel: levelOf(wanted) ?? DiagLogLevel.INFO });
  checkLogLevel(environment);
}

/** Reports a value of `OTEL_LOG_LEVEL` that cannot be used. */
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

/** The most sentences kept for one start; more than that come from a programming mistake and add nothing new. */
const MAX_PROBLEMS = 100;

/** The sentences reported by {@link diagnoseSetting} since {@link collectProblems} began; undefined outside of it. */
let collected: Set<string> | undefined;

/** Calls `work` and returns its result, with all sentences about unusable settings that were reported meanwhile. */
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
 * Calls `work` while the API has no logger. The API logs in the middle of setting a global, and a host's logger that
 * throws would leave that half done.
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
 * Reports through `diag` that a setting cannot be used: its name, its value, what is accepted and what is done instead.
 * The value is shortened; pass {@link HIDDEN} in place of one that may hold a secret.
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

/** Stands in for a value that must not be shown. */
export const HIDDEN = "…";

const MAX_SHOWN = 80;

/** A value as a shortened string; its type if it cannot be converted to one. */
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
