import type { View } from "./Tabs.js";
import { VIEWS } from "./Tabs.js";

/** Where somebody is in the page; it is the address's fragment, so that a reload and a bookmark keep it. */
export interface Place {
  readonly view: View;
  readonly traceId: string;
  readonly spanId: string;
}

const FRAGMENT = /^#\/(\w+)(?:\/([0-9a-f]{32})(?:\/([0-9a-f]{16}))?)?$/;

export function readPlace(): Place {
  const [, name, traceId = "", spanId = ""] = FRAGMENT.exec(location.hash) ?? [];
  return { view: VIEWS.find((view) => view === name) ?? "traces", traceId, spanId };
}

/** Writes it without an entry in the history for every row that somebody passes. */
export function writePlace({ view, traceId, spanId }: Place): void {
  const parts = view === "traces" ? [view, traceId, traceId === "" ? "" : spanId] : [view];
  history.replaceState(null, "", `#/${parts.filter((part) => part !== "").join("/")}`);
}
