import type { Configuration } from "../config/Configuration.js";
import type { Redactor } from "../redaction/Redactor.js";
import type { Pipe } from "../shared/Stats.js";
import type { Ledger } from "./Ledger.js";
import type { PayloadRecorder } from "./PayloadRecorder.js";

/** What the pipes of a process are made from. The functions give the same at each call, and make it at the first. */
export interface PipeContext {
  readonly configuration: () => Configuration;
  readonly redactor: () => Redactor;
  /** Undefined unless somebody asked for one. */
  readonly recorder: () => PayloadRecorder | undefined;
  readonly ledgers: Readonly<Record<Pipe, Ledger>>;
}
