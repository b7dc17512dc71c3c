import { diag, DiagConsoleLogger, DiagLogLevel } from "@opentelemetry/api";
import { report } from "./report.js";

const API_GLOBAL = Symbol.for("opentelemetry.js.api.1");

/**
 * Honours `OTEL_LOG_LEVEL`: silent when it is not set, and when the host has set a logger of its own, which the
 * API would replace without asking.
 */
export function enableDiagnostics(environment: Readonly<Record<string, string | undefined>>): void {
  const wanted = environment["OTEL_LOG_LEVEL"]?.trim().toUpperCase();
  if (wanted === undefined || wanted === "" || apiGlobals()?.diag !== undefined) return;
  const level = (DiagLogLevel as unknown as Record<string, DiagLogLevel | undefined>)[wanted];
  const usable = typeof level === "number";
  diag.setLogger(new DiagConsoleLogger(), { logLevel: usable ? level : DiagLogLevel.INFO });
  if (!usable) {
    report(
      "warn",
      `OTEL_LOG_LEVEL=${JSON.stringify(wanted)} is not usable; accepted: NONE, ERROR, WARN, INFO, DEBUG, VERBOSE, ALL. INFO is used.`,
    );
  }
}

/** What the API keeps on the global object; undefined before its first use. */
export function apiGlobals(): { diag?: unknown } | undefined {
  return (globalThis as Record<symbol, unknown>)[API_GLOBAL] as { diag?: unknown } | undefined;
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
 * Says through `diag` that a setting cannot be used: which one, what it holds, what is accepted, and what
 * is done instead. The value is shown shortened and, for secrets, not at all.
 */
export function diagnoseSetting(
  name: string,
  value: unknown,
  accepted: string,
  instead: string,
): void {
  report("warn", `${name}=${show(value)} is not usable; accepted: ${accepted}. ${instead}`);
}

const MAX_SHOWN = 80;

/** A value as far as it can be shown, shortened. */
export function show(value: unknown): string {
  let text: string;
  try {
    text = typeof value === "string" ? JSON.stringify(value) : String(value);
  } catch {
    text = typeof value;
  }
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
