import { element } from "./element.js";
import { formatValue } from "./format.js";

/** Keys and values as a table, what says most first: PostHog's `$` properties are the same on every event. All of it is text. */
export function attributeTable(
  attributes: Readonly<Record<string, unknown>>,
  label: string,
): HTMLElement {
  const entries = Object.entries(attributes).sort(
    ([left], [right]) =>
      Number(left.startsWith("$")) - Number(right.startsWith("$")) || (left < right ? -1 : 1),
  );
  if (entries.length === 0) return element("p", { class: "muted" }, "None.");
  const rows = entries.map(([key, value]) =>
    element("tr", {}, element("th", { scope: "row" }, key), element("td", {}, formatValue(value))),
  );
  return element(
    "table",
    { class: "attributes", "aria-label": label },
    element("tbody", {}, ...rows),
  );
}

/** A heading and what is under it. */
export function section(
  title: string,
  ...content: readonly (HTMLElement | undefined)[]
): HTMLElement {
  return element("section", { class: "section" }, element("h3", {}, title), ...content);
}

/** The same, folded up until somebody wants to see it. */
export function foldedSection(
  title: string,
  open: boolean,
  ...content: readonly HTMLElement[]
): HTMLElement {
  return element("details", { class: "section", open }, element("summary", {}, title), ...content);
}
