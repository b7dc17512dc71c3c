import type { ComponentChildren } from "preact";
import { Fragment } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

/** Rows drawn above and below the visible ones, so that a quick scroll does not show empty space. */
const MARGIN_ROWS = 8;

/** Attributes that every rendered row must have. */
export interface RowAttributes {
  readonly id: string;
  readonly "aria-selected": boolean;
  readonly onClick: () => void;
}

interface VirtualRowsProps<Item> {
  readonly id: string;
  readonly role: "listbox" | "treegrid";
  readonly "aria-label": string;
  /** Number of rows, including those that are folded or filtered out. */
  readonly "aria-rowcount"?: number;
  readonly style?: Readonly<Record<string, string>>;
  readonly items: readonly Item[];
  /** The height of every row in CSS pixels; must match the style sheet. */
  readonly height: number;
  /** The index of the chosen row; negative for none. */
  readonly chosen: number;
  /** Whenever this changes, the chosen row is scrolled into view. */
  readonly choice: unknown;
  readonly choose: (item: Item) => void;
  readonly render: (item: Item, attributes: RowAttributes) => ComponentChildren;
  /** Whether a row cannot be chosen. */
  readonly isHeading?: (item: Item) => boolean;
  /** Handlers by key, in addition to the keys that move the choice. */
  readonly keys?: Readonly<Record<string, () => void>>;
}

/**
 * A list of any length with one chosen row. Renders only the visible rows: about fifty elements, which are reused for
 * other rows as they scroll out of view.
 */
export function VirtualRows<Item>(props: VirtualRowsProps<Item>) {
  const { items, height, chosen, choice, choose, render, keys, isHeading, ...attributes } = props;
  const { id, role } = attributes;
  const box = useRef<HTMLDivElement>(null);
  const revealed = useRef<unknown>(undefined);
  const [top, setTop] = useState(0);
  const [seen, setSeen] = useState(0);
  const look = (): void => {
    setTop(Math.floor((box.current?.scrollTop ?? 0) / height));
    setSeen(Math.ceil((box.current?.clientHeight ?? 0) / height));
  };
  useLayoutEffect(() => {
    const observer = new ResizeObserver(look);
    if (box.current !== null) observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    if (box.current === null || chosen < 0 || revealed.current === choice) return;
    revealed.current = choice;
    reveal(box.current, chosen * height, height);
    look();
  });
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const others = items.filter((item) => isHeading?.(item) !== true);
    const now = others.indexOf(items[chosen] as Item);
    const page = Math.max(1, seen - 2);
    const targets: Readonly<Record<string, number>> = {
      ArrowDown: now + 1,
      ArrowUp: now - 1,
      PageDown: now + page,
      PageUp: now - page,
      Home: 0,
      End: others.length - 1,
    };
    const target = targets[event.key];
    const next =
      target === undefined ? undefined : others[Math.max(0, Math.min(target, others.length - 1))];
    const act = next === undefined ? keys?.[event.key] : () => choose(next);
    if (act === undefined) return;
    event.preventDefault();
    act();
  };

  const first = Math.max(0, Math.min(top, items.length) - MARGIN_ROWS);
  const drawn = items.slice(first, first + seen + 2 * MARGIN_ROWS);
  const isDrawn = chosen >= first && chosen < first + drawn.length;
  return (
    <div
      {...attributes}
      ref={box}
      aria-activedescendant={isDrawn ? `${id}-${chosen}` : undefined}
      tabIndex={0}
      onScroll={look}
      onKeyDown={onKeyDown}
    >
      <div class="spacer" style={{ height: `${items.length * height}px` }}>
        <div
          role={role === "treegrid" ? "rowgroup" : "presentation"}
          style={{ transform: `translateY(${first * height}px)` }}
        >
          {drawn.map((item, i) => {
            const index = first + i;
            const onClick = (): void => choose(item);
            const row = { id: `${id}-${index}`, "aria-selected": index === chosen, onClick };
            return <Fragment key={index % drawn.length}>{render(item, row)}</Fragment>;
          })}
        </div>
      </div>
    </div>
  );
}

/** Scrolls a row into view; a row that was far away to the middle, so that its surroundings are visible. */
function reveal(box: HTMLElement, top: number, height: number): void {
  const { scrollTop, clientHeight } = box;
  const isFar = top < scrollTop - 2 * height || top > scrollTop + clientHeight + height;
  if (isFar) box.scrollTop = top - clientHeight / 2;
  else if (top < scrollTop) box.scrollTop = top;
  else if (top + height > scrollTop + clientHeight) box.scrollTop = top + height - clientHeight;
}
