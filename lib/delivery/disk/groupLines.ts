/** Some lines that are written at once. */
export interface LineGroup<T> {
  readonly items: T[];
  readonly lengths: number[];
  text: string;
  bytes: number;
}

/** Puts texts together up to `maxBytes`, in their order, so that many short ones cost few writes. */
export function groupLines<T>(
  items: readonly T[],
  lineOf: (item: T) => string,
  maxBytes: number,
): LineGroup<T>[] {
  const groups: LineGroup<T>[] = [];
  let group: LineGroup<T> | undefined;
  for (const item of items) {
    const text = lineOf(item);
    const bytes = Buffer.byteLength(text);
    if (group === undefined || group.bytes + bytes > maxBytes) {
      group = { items: [], lengths: [], text: "", bytes: 0 };
      groups.push(group);
    }
    group.items.push(item);
    group.lengths.push(bytes);
    group.text += text;
    group.bytes += bytes;
  }
  return groups;
}
