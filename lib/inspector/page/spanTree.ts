import type { SpanRow } from "../server/TraceStore.js";

/** A span in its place in the tree. */
export interface TreeRow {
  readonly span: SpanRow;
  readonly index: number;
  readonly depth: number;
  /** Names a parent that has not come. */
  readonly isOrphan: boolean;
  isParent: boolean;
}

/**
 * Puts spans in the order of the tree, children by their start. Any input will do: spans whose parents have not
 * come are roots, and so is one of each circle. Without recursion, since a trace can be one chain.
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
      const isOrphan = depth === 0 && span.parentSpanId !== undefined;
      rows.push({ span, index: rows.length, depth, isOrphan, isParent: false });
      for (const child of (children.get(span.spanId) ?? []).toReversed())
        waiting.push({ span: child, depth: depth + 1 });
    }
  };
  for (const root of children.get(undefined) ?? []) add(root);
  for (const span of spans) add(span);
  return rows;
}

/** The rows to show: those that fit, with all above them, without what is folded away. */
export function visibleRows(
  rows: readonly TreeRow[],
  folded: readonly string[],
  fits: ((span: SpanRow) => boolean) | undefined,
): readonly TreeRow[] {
  const kept = fits === undefined ? undefined : keptRows(rows, fits);
  let hiddenBelow = Infinity;
  return rows.filter((row) => {
    if (row.depth > hiddenBelow) return false;
    hiddenBelow = folded.includes(row.span.spanId) ? row.depth : Infinity;
    return kept?.has(row) ?? true;
  });
}

function keptRows(
  rows: readonly TreeRow[],
  fits: (span: SpanRow) => boolean,
): ReadonlySet<TreeRow> {
  const kept = new Set<TreeRow>();
  const open: TreeRow[] = [];
  for (const row of rows) {
    open.length = Math.min(open.length, row.depth);
    open.push(row);
    if (fits(row.span)) for (const above of open) kept.add(above);
  }
  return kept;
}
