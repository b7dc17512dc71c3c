import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { sendRecording } from "../server/readRecording.js";
import { ERROR_STATUS } from "../server/ReceivedTrace.js";
import type { SpanRow } from "../server/TraceStore.js";
import { formatCount } from "./format.js";
import type { Held, Wanted } from "./useReceiver.js";
import { ask, useReceiver } from "./useReceiver.js";

export const VIEWS: readonly Wanted["view"][] = ["traces", "tiers", "events", "errors"];
const FRAGMENT = /^#\/(\w+)(?:\/([0-9a-f]{32})(?:\/([0-9a-f]{16}))?)?$/;

/** The user's place in the page, from the fragment of the URL, so that reloads and bookmarks keep it. */
function readPlace(): { view: Wanted["view"]; traceId: string; spanId: string } {
  const [, name, traceId = "", spanId = ""] = FRAGMENT.exec(location.hash) ?? [];
  return { view: VIEWS.find((view) => view === name) ?? "traces", traceId, spanId };
}

type Place = ReturnType<typeof readPlace>;
/** No tiers means all tiers. */
const NO_FILTER = { text: "", tiers: [] as readonly string[], errorsOnly: false, minMs: 0 };
type Filter = typeof NO_FILTER;

/** The state and actions that the parts of the page share. */
export type Page = ReturnType<typeof usePage>;

export function usePage() {
  const [place, setPlace] = useState(readPlace);
  const [filter, setFilter] = useState(NO_FILTER);
  const [said, say] = useState("");
  const [paused, pause] = useState(false);
  const [namesWidth, resizeNames] = useState<number>();
  const { held, live } = useReceiver({ ...place, text: filter.text, paused });
  const go = (change: Partial<Place>): void => setPlace((now) => ({ ...now, ...change }));
  const look = (change: Partial<Filter>): void => setFilter((now) => ({ ...now, ...change }));

  // The back button returns to the previous view or trace; moving from row to row adds no history entries.
  useLayoutEffect(() => {
    const { view, traceId, spanId } = place;
    const before = readPlace();
    const parts = view === "traces" ? [view, traceId, traceId && spanId] : [view];
    const isMove =
      location.hash !== "" &&
      (view !== before.view || (before.traceId !== "" && traceId !== before.traceId));
    const address = `#/${parts.filter(Boolean).join("/")}`;
    if (isMove) history.pushState(null, "", address);
    else history.replaceState(null, "", address);
  }, [place]);
  useEffect(() => addEventListener("hashchange", () => setPlace(readPlace())), []);
  // If the wanted trace is not held, the newest takes its place from now on.
  useLayoutEffect(() => {
    if (held.trace !== undefined && !held.traces.has(place.traceId))
      go({ traceId: held.trace.traceId, spanId: "" });
  }, [held]);

  const attempt = (action: Promise<string>): void =>
    void action.then(say, () => say("The receiver is gone."));
  return {
    place,
    go,
    filter,
    look,
    held,
    live,
    said,
    paused,
    namesWidth,
    resizeNames,
    pause: () => pause(!paused),
    /** Clears all filters; returns false if none had been set. */
    unfilter: (): boolean => {
      const isFiltered = JSON.stringify(filter) !== JSON.stringify(NO_FILTER);
      setFilter(NO_FILTER);
      return isFiltered;
    },
    open: (files: Iterable<File>) => attempt(openFiles(files)),
    clear: () =>
      attempt(ask("traces", "DELETE").then(() => "All traces and events were forgotten.")),
    ...useFitting(filter, held),
  };
}

/** Sends the contents of files to the receiver, as if programs were sending them now. */
async function openFiles(files: Iterable<File>): Promise<string> {
  let [opened, refused] = [0, 0];
  for (const file of files) {
    const sent = await sendRecording(await file.text(), "");
    opened += sent.opened;
    refused += sent.refused;
  }
  const failure = ` ${formatCount(refused, "line was", "lines were")} unreadable.`;
  return `Opened ${formatCount(opened, "request")}.${refused === 0 ? "" : failure}`;
}

/** The traces that fit a filter, the newest first, and a predicate for spans, which is undefined if all fit. */
function useFitting({ tiers, errorsOnly, minMs }: Filter, { newestFirst, found, trace }: Held) {
  const passes = (ofTiers: readonly string[], failed: boolean, durationMs: number): boolean =>
    (tiers.length === 0 || ofTiers.some((tier) => tiers.includes(tier))) &&
    (!errorsOnly || failed) &&
    durationMs >= minMs;
  const fitting = newestFirst.filter(
    (each) =>
      (found === undefined || each.traceId in found) &&
      passes(each.tiers, each.errorCount > 0, each.durationMs),
  );
  const traceId = trace?.traceId ?? "";
  const fits = useMemo(() => {
    if (found === undefined && tiers.length === 0 && !errorsOnly && minMs === 0) return undefined;
    const ids = found && new Set(found[traceId]);
    return ({ spanId, tier, statusCode, durationMs }: SpanRow): boolean =>
      (ids?.has(spanId) ?? true) && passes([tier], statusCode === ERROR_STATUS, durationMs);
  }, [traceId, tiers, errorsOnly, minMs, found]);
  return { fitting, fits };
}

/** Handles single keys while the user is not typing in a field, and Escape always. */
export function useKeys(actions: Readonly<Record<string, () => void>>): void {
  const latest = useRef(actions);
  latest.current = actions;
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const act = latest.current[event.key];
      const isTyping =
        event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
      if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      if (isTyping && event.key !== "Escape") return;
      if (event.key !== "Escape") event.preventDefault();
      act();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
}
