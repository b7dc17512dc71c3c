import type { Row } from "./Row";

/** How much of a case is run: the short form is for every change, the long one for a release. */
export interface Extent {
  readonly short: boolean;
  /** Repeats of what is timed. */
  readonly repeats: number;
  /** Of the faults of far ends, those whose name holds this. */
  readonly fault: string;
}

/** A part of the suite; gives its rows as they are found. */
export interface Case {
  readonly name: string;
  run(extent: Extent): AsyncIterable<Row>;
}
