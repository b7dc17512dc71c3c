import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { formatCount } from "./format.js";
import { SaveMenu } from "./SaveMenu.js";
import type { Page } from "./usePage.js";
import { VIEWS } from "./usePage.js";

const KEY = "land-telemetry.theme";
const THEMES = ["system", "light", "dark"];

export function Header(page: Page) {
  const { live, said, open, clear, held, paused, pause } = page;
  const spans = held.newestFirst.reduce((sum, { spanCount }) => sum + spanCount, 0);
  const file = useRef<HTMLInputElement>(null);
  useEffect(() => {
    document.addEventListener("dragover", (event) => event.preventDefault());
    document.addEventListener("drop", (event) => {
      event.preventDefault();
      open([...(event.dataTransfer?.files ?? [])]);
    });
  }, []);
  return (
    <header class="top">
      <h1>
        <svg viewBox="0 0 16 16" width="18" height="18" aria-hidden="true">
          <rect fill="var(--tier-mountain)" x="1" y="2" width="14" height="3" rx="1" />
          <rect fill="var(--tier-cocoon)" x="4" y="7" width="9" height="3" rx="1" />
          <rect fill="var(--tier-air)" x="7" y="12" width="5" height="3" rx="1" />
        </svg>
        land-telemetry
      </h1>
      <Tabs {...page} />
      <p class="state" data-live={live}>
        <span class="pulse" aria-hidden="true" />
        <span>
          {live === undefined ? "connecting" : !live ? "receiver gone" : paused ? "paused" : "live"}
        </span>
        <span class="muted">
          {formatCount(held.traces.size, "trace")} · {formatCount(spans, "span")}
        </span>
      </p>
      <div class="tools">
        <span id="said" role="status" class="muted">
          {said}
        </span>
        <input
          id="file"
          ref={file}
          type="file"
          multiple
          hidden
          aria-label="Recording"
          accept=".ndjson,.jsonl,.json"
          onChange={({ currentTarget }) => {
            open([...(currentTarget.files ?? [])]);
            currentTarget.value = "";
          }}
        />
        <button
          id="open"
          type="button"
          title="Recordings of Record=1, OTLP/JSON; or drop files anywhere"
          onClick={() => file.current?.click()}
        >
          Open…
        </button>
        <SaveMenu id="save-all" label="Save all" query="" />
        <button id="pause" type="button" aria-pressed={paused} onClick={pause}>
          {paused ? "Resume" : "Pause"}
        </button>
        <button id="clear" type="button" onClick={clear}>
          Clear
        </button>
        <ThemeButton />
        <button type="button" class="icon" aria-label="Keys" title="Keys" onClick={showHelp}>
          ?
        </button>
      </div>
    </header>
  );
}

/** ARIA's tabs pattern: one tab stop, with the arrow keys moving between the tabs. */
function Tabs({ place: { view }, go }: Page) {
  const onKeyDown = ({ key }: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: VIEWS.length - 1 }[key];
    const next = step && VIEWS[(VIEWS.indexOf(view) + step) % VIEWS.length];
    if (!next) return;
    go({ view: next });
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <div role="tablist" aria-label="Views" onKeyDown={onKeyDown}>
      {VIEWS.map((each) => (
        <button
          id={`tab-${each}`}
          role="tab"
          type="button"
          aria-controls={`view-${each}`}
          aria-selected={each === view}
          tabIndex={each === view ? 0 : -1}
          onClick={() => go({ view: each })}
        >
          {each}
        </button>
      ))}
    </div>
  );
}

/** A button that cycles through the system's theme, light and dark; local storage remembers the choice. */
function ThemeButton() {
  const [chosen, choose] = useState(() =>
    Math.max(0, THEMES.indexOf(localStorage.getItem(KEY) ?? "")),
  );
  const theme = THEMES[chosen] ?? "system";
  const name = `Theme: ${theme}`;
  const tell = (): unknown => document.dispatchEvent(new Event("themechange"));
  useLayoutEffect(() => {
    document.documentElement.style.colorScheme = chosen === 0 ? "" : theme;
    localStorage.setItem(KEY, theme);
    tell();
  }, [theme]);
  useEffect(() => matchMedia("(prefers-color-scheme: dark)").addEventListener("change", tell), []);
  return (
    <button
      id="theme"
      type="button"
      class="icon"
      aria-label={name}
      title={name}
      onClick={() => choose((chosen + 1) % THEMES.length)}
    >
      {"◐☀☾"[chosen]}
    </button>
  );
}

/** What each group of keys does. */
const KEYS = {
  "/": "search",
  "t w d": "to the traces, the waterfall, the details",
  "↑ ↓ PgUp PgDn Home End": "choose",
  "← →": "fold and unfold, to the parent, to the child",
  "+ - 0": "zoom around the chosen span, show all",
  e: "next error, where it began",
  "1 2 3 4": "traces, tiers, events, errors",
  Esc: "clear the filters; back to the waterfall",
};

export function showHelp(): void {
  document.querySelector<HTMLDialogElement>("#help")?.showModal();
}

export function Help() {
  const rows = Object.entries(KEYS).map(([keys, meaning]) => [
    <dt>{keys.split(" ").map((key) => [<kbd>{key}</kbd>, " "])}</dt>,
    <dd>{meaning}</dd>,
  ]);
  return (
    <dialog id="help" aria-labelledby="help-title">
      <h2 id="help-title">Keys</h2>
      <dl class="keys">{rows}</dl>
      <form method="dialog">
        <button>Close</button>
      </form>
    </dialog>
  );
}
