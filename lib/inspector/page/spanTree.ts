import type { SpanRow } from "../server/TraceStore.js";

/** A span with its position in the tree. */
export interface TreeRow {
  readonly span: SpanRow;
  readonly index: number;
  readonly depth: number;
  /** Whether it names a parent that has not been received. */
  readonly isOrphan: boolean;
  isParent: boolean;
}

/**
 * Puts spans in tree order; siblings keep the order of the input. Any input works: spans whose parents have not been
 * received become roots, and so does one span of each cycle. Not recursive, since a trace can be one long chain.
 */
export function spanTree(spans: readonly SpanRow[]): readonly TreeRow[] {
  const ids = new Set<string | undefined>(spans.map(({ spanId }) => spanId));
  const children = Map.groupBy(spans, ({ parentSpanId }) =>
    ids.has(parentSpanId) ? parentSpanId : undefined,
  );
  const rows: TreeRow[] = [];
  const seen = new Set<string>();
  const add = (root: SpanRow): void => {
    const waiting = [{ span: root, depth: 0 }];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { span, depth } = next;
      if (seen.has(span.spanId)) continue;
      seen.add(span.spanId);
      const before = rows.at(-1);
      if (before !== undefined && before.depth < depth) before.isParent = true;
      const isOrphan = span.parentSpanId !== undefined && !ids.has(span.parentSpanId);
      rows.push({ span, index: rows.length, depth, isOrphan, isParent: false });
      for (const child of (children.get(span.spanId) ?? []).toReversed())
        waiting.push({ span: child, depth: depth + 1 });
    }
  };
  for (const root of children.get(undefined) ?? []) add(root);
  for (const span of spans) add(span);
  return rows;
}

/** The rows to show: those that fit, with all their ancestors, without those inside folded rows. */
export function visibleRows(
  rows: readonly TreeRow[],
  folded: readonly string[],
  fits: ((span: SpanRow) => boolean) | undefined,
): readonly TreeRow[] {
  const kept = new Set<TreeRow>();
  const above: TreeRow[] = [];
  for (const row of rows) {
    above.splice(row.depth, Infinity, row);
    if (fits === undefined) kept.add(row);
    else if (fits(row.span)) for (const each of above) kept.add(each);
  }
  let foldedDepth = Infinity;
  return rows.filter((row) => {
    if (row.depth > foldedDepth) return false;
    foldedDepth = folded.includes(row.span.spanId) ? row.depth : Infinity;
    return kept.has(row);
  });
}
