import type { Row } from "./Row";

/** How much of a case is run: the short form is for every change, the long one for a release. */
export interface Extent {
  readonly short: boolean;
  /** How often timed work is repeated. */
  readonly repeats: number;
  /** Selects the faults of far ends whose name contains this. */
  readonly fault: string;
}

/** A part of the suite, which yields its rows as they are found. */
export interface Case {
  readonly name: string;
  run(extent: Extent): AsyncIterable<Row>;
}
