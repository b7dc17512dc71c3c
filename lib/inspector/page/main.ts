import type { TraceSummary } from "../server/ReceivedTrace.js";
import { api } from "./api.js";
import { byId } from "./element.js";
import { EventList } from "./EventList.js";
import { Filters } from "./Filters.js";
import { followReceiver } from "./followReceiver.js";
import { formatCount } from "./format.js";
import { openRecordings } from "./openRecordings.js";
import type { Place } from "./Place.js";
import { readPlace, writePlace } from "./Place.js";
import type { View } from "./Tabs.js";
import { Tabs } from "./Tabs.js";
import { setUpMenus } from "./setUpMenus.js";
import { setUpTheme } from "./theme.js";
import { showTiers } from "./TiersView.js";
import { TraceList } from "./TraceList.js";
import { TracePanel } from "./TracePanel.js";

let traces = new Map<string, TraceSummary>();
let revision = 0;
let removals = 0;
let place: Place = readPlace();

const filters = new Filters(() => {
  showList();
  panel.filter();
});
const list = new TraceList((traceId) => void openTrace(traceId, ""));
const panel = new TracePanel(filters, (spanId) => go({ spanId }));
const events = new EventList((traceId, spanId) => {
  showView("traces");
  list.choose(traceId);
  void openTrace(traceId, spanId).then(() => panel.waterfall.focus());
});
const tabs = new Tabs(showView);

function go(change: Partial<Place>): void {
  place = { ...place, ...change };
  writePlace(place);
}

function showView(view: View): void {
  tabs.show(view);
  go({ view });
  void refreshView();
}

async function refreshView(): Promise<void> {
  if (tabs.view === "events") events.show(await api.events());
  if (tabs.view === "tiers") showTiers(await api.overview());
}

function showList(): void {
  const newestFirst = [...traces.values()].sort(
    (left, right) => right.startTimeMs - left.startTimeMs,
  );
  filters.offer([...new Set(newestFirst.flatMap(({ tiers }) => tiers))].sort());
  list.show(
    newestFirst.filter((trace) => filters.fitsTrace(trace)),
    traces.size,
  );
}

async function openTrace(traceId: string, spanId: string): Promise<void> {
  go({ traceId, spanId });
  await panel.open(traceId, spanId);
}

/** Takes in what has changed. Forgotten traces are not named, so after a loss the list starts over. */
async function refresh(): Promise<void> {
  let changes = await api.changes(revision);
  if (changes.removals !== removals || changes.revision < revision) {
    changes = await api.changes(0);
    traces = new Map();
  }
  ({ revision, removals } = changes);
  for (const trace of changes.traces) traces.set(trace.traceId, trace);
  showList();
  const counts = [...traces.values()];
  byId("counts").textContent = `${formatCount(counts.length, "trace")} · ${formatCount(
    counts.reduce((sum, { spanCount }) => sum + spanCount, 0),
    "span",
  )}`;
  await refreshTrace(changes.traces);
  await refreshView();
  if (filters.isSearching) await filters.search();
}

async function refreshTrace(changed: readonly TraceSummary[]): Promise<void> {
  if (!traces.has(place.traceId)) {
    const newest = [...traces.values()].sort(
      (left, right) => right.startTimeMs - left.startTimeMs,
    )[0];
    if (newest === undefined) {
      panel.close();
      return;
    }
    list.choose(newest.traceId);
    await openTrace(newest.traceId, "");
    return;
  }
  if (panel.traceId !== place.traceId) list.choose(place.traceId);
  if (panel.traceId !== place.traceId || changed.some(({ traceId }) => traceId === place.traceId))
    await panel.open(place.traceId, place.spanId);
}

function say(text: string): void {
  byId("said").textContent = text;
}

function setUpTools(): void {
  const file = byId<HTMLInputElement>("file");
  const open = async (files: Iterable<File>): Promise<void> =>
    say(await openRecordings(files).catch(() => "The receiver is gone."));
  byId("open").addEventListener("click", () => file.click());
  file.addEventListener(
    "change",
    () => void open([...(file.files ?? [])]).then(() => (file.value = "")),
  );
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    void open([...(event.dataTransfer?.files ?? [])]);
  });
  byId("clear").addEventListener(
    "click",
    () => void api.clear().then(() => say("All traces and events were forgotten.")),
  );
  const help = byId<HTMLDialogElement>("help");
  byId("show-help").addEventListener("click", () => help.showModal());
}

/** Single keys that work wherever nothing is being typed. */
function setUpKeys(): void {
  const keys: Readonly<Record<string, () => void>> = {
    "/": () => filters.focus(),
    "?": () => byId<HTMLDialogElement>("help").showModal(),
    t: () => byId("trace-list").focus(),
    w: () => panel.waterfall.focus(),
    d: () => panel.focusDetails(),
    e: () => panel.waterfall.nextError(),
    "1": () => showView("traces"),
    "2": () => showView("tiers"),
    "3": () => showView("events"),
  };
  document.addEventListener("keydown", (event) => {
    const typing =
      event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (typing && event.key === "Escape") panel.waterfall.focus();
    const act = keys[event.key];
    if (typing || act === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  });
}

setUpTheme();
setUpMenus();
setUpTools();
setUpKeys();
tabs.show(place.view);
addEventListener("hashchange", () => {
  place = readPlace();
  tabs.show(place.view);
  void refresh();
});
followReceiver(refresh, (live) => {
  document.documentElement.dataset["live"] = String(live);
  byId("live").textContent = live ? "live" : "receiver gone";
});
