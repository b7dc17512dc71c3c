import { diag, DiagLogLevel } from "@opentelemetry/api";

/** Keeps what is logged through `diag` from now on, until `stop`. */
export function keepDiagnostics(): { readonly messages: string[]; stop(): void } {
  const messages: string[] = [];
  const keep = (message: string): void => void messages.push(message);
  diag.setLogger(
    { error: keep, warn: keep, info: keep, debug: keep, verbose: keep },
    { logLevel: DiagLogLevel.ALL, suppressOverrideMessage: true },
  );
  // The API immediately logs that there is a logger.
  messages.length = 0;
  return { messages, stop: () => diag.disable() };
}
