import { diag } from "@opentelemetry/api";

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
  diag.warn(
    `land-telemetry: ${name}=${show(value)} is not usable; accepted: ${accepted}. ${instead}`,
  );
}

const MAX_SHOWN = 80;

function show(value: unknown): string {
  let text: string;
  try {
    text = typeof value === "string" ? JSON.stringify(value) : String(value);
  } catch {
    text = typeof value;
  }
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
