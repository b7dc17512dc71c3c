/** One thing that the doctor has to say. */
export interface Finding {
  /** The same for the same cause, for scripts. */
  readonly code: string;
  /** `problem` makes the exit code 1; `off` and `note` do not. */
  readonly level: "ok" | "off" | "note" | "problem";
  /** What it is about. */
  readonly about: "settings" | "otlp" | "posthog" | "api" | "spool";
  /** What is so, in one sentence. */
  readonly sentence: string;
  /** What to do about it. */
  readonly advice?: string;
}
