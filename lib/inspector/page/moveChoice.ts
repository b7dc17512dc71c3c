/** Something with a chosen row. */
export interface Chooser {
  readonly count: number;
  readonly page: number;
  readonly chosen: number;
  choose(index: number): void;
}

/** Moves the choice by the keys that lists have everywhere. Returns whether the key was one of them. */
export function moveChoice(key: string, list: Chooser): boolean {
  const { count, page, chosen } = list;
  const targets: Readonly<Record<string, number>> = {
    ArrowDown: chosen + 1,
    ArrowUp: chosen < 0 ? 0 : chosen - 1,
    PageDown: chosen + page,
    PageUp: chosen - page,
    Home: 0,
    End: count - 1,
  };
  const target = targets[key];
  if (target === undefined || count === 0) return false;
  list.choose(Math.min(count - 1, Math.max(0, target)));
  return true;
}
