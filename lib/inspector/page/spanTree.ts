import type { SpanRow } from "../server/TraceRows.js";

/** A span in its place in the tree. */
export interface TreeRow {
  readonly span: SpanRow;
  readonly depth: number;
  /** Names a parent that has not come. */
  readonly orphan: boolean;
  /** The index behind its last descendant. */
  end: number;
}

/**
 * Puts spans in the order of the tree, children by their start. Any input will do: spans whose parents have not
 * come are roots, and so is one of each circle. Without recursion, since a trace can be one chain.
 */
export function spanTree(spans: readonly SpanRow[]): readonly TreeRow[] {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const children = new Map<string, SpanRow[]>();
  const roots: SpanRow[] = [];
  for (const span of spans) {
    const { parentSpanId } = span;
    if (parentSpanId === undefined || !ids.has(parentSpanId)) roots.push(span);
    else {
      const siblings = children.get(parentSpanId);
      if (siblings === undefined) children.set(parentSpanId, [span]);
      else siblings.push(span);
    }
  }
  const rows: TreeRow[] = [];
  const seen = new Set<string>();
  const add = (root: SpanRow): void => {
    const open: TreeRow[] = [];
    const waiting: { readonly span: SpanRow; readonly depth: number }[] = [
      { span: root, depth: 0 },
    ];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { span, depth } = next;
      if (seen.has(span.spanId)) continue;
      seen.add(span.spanId);
      while (open.length > depth) close(open.pop(), rows.length);
      const row: TreeRow = {
        span,
        depth,
        orphan: depth === 0 && span.parentSpanId !== undefined,
        end: 0,
      };
      open.push(row);
      rows.push(row);
      for (const child of (children.get(span.spanId) ?? []).toReversed())
        waiting.push({ span: child, depth: depth + 1 });
    }
    for (const row of open) close(row, rows.length);
  };
  for (const root of roots) add(root);
  for (const span of spans) if (!seen.has(span.spanId)) add(span);
  return rows;
}

function close(row: TreeRow | undefined, end: number): void {
  if (row !== undefined) row.end = end;
}

/** The indices of rows to show: those that fit, with all above them, without what is folded away. */
export function visibleRows(
  rows: readonly TreeRow[],
  folded: ReadonlySet<string>,
  fits: ((span: SpanRow) => boolean) | undefined,
): readonly number[] {
  const kept = fits === undefined ? undefined : keptBy(rows, fits);
  const visible: number[] = [];
  for (let i = 0; i < rows.length;) {
    const row = rows[i];
    if (row === undefined) break;
    if (kept === undefined || kept[i] === true) visible.push(i);
    i = folded.has(row.span.spanId) || kept?.[i] === false ? row.end : i + 1;
  }
  return visible;
}

function keptBy(rows: readonly TreeRow[], fits: (span: SpanRow) => boolean): readonly boolean[] {
  const kept = rows.map(({ span }) => fits(span));
  const open: number[] = [];
  rows.forEach(({ depth }, i) => {
    open.length = Math.min(open.length, depth);
    open.push(i);
    if (kept[i] === true) for (const above of open) kept[above] = true;
  });
  return kept;
}
