import type { Attributes, Context, Span, Tracer } from "@opentelemetry/api";
import { ROOT_CONTEXT } from "@opentelemetry/api";
import { parseBoolean } from "../config/parsers.js";
import type { ObserveOptions } from "../config/TelemetryOptions.js";
import { attempt } from "../shared/attempt.js";
import { readMember } from "../shared/readMember.js";
import type { EventProperties } from "../shared/Runtime.js";
import { clearTimeout, setTimeout } from "../shared/timers.js";
import { endQuietly, startQuietly } from "../shared/quietSpan.js";

/** Prefix of the names of Land's own marks and measures. */
const OWN = "land:";
/** Leading segments of a mark's or measure's name that give its kind; the rest is specific to this one. */
const MAX_SEGMENTS = 3;
/** How long marks are collected in one span, in ms. */
const MARKS_WINDOW_MS = 5_000;
/** Number of events a span holds unless the host has set another limit. */
const MAX_MARKS = 128;
/** A task that blocks the page for longer than this, in ms, is reported: people notice a block of this length. */
const LONG_TASK_MS = 200;
/** Interactions shorter than this, in ms, are ignored; browsers accept no value below 16. */
const INTERACTION_MS = 40;
/** How many of the slowest interactions are kept: enough for the 98th percentile of 500. */
const MAX_INTERACTIONS = 10;
/** By definition, INP leaves out the slowest interaction for each group of this many. */
const INTERACTIONS_PER_OUTLIER = 50;

/** What a `PageActivity` needs. */
export interface ActivityParts {
  readonly tier: string;
  readonly tracer: Tracer;
  /** The option `observe`. */
  readonly observe: unknown;
  /** The context of the session start, which is the parent of all spans made here. */
  readonly session: () => Context | undefined;
  readonly captureEvent: (name: string, properties: EventProperties) => void;
  /** Whether the URI that a policy blocked belongs to one of our own requests. */
  readonly isOurs: (blockedUri: string) => boolean;
}

/** Whether something is observed: everything is, unless `observe` or its member of that name is false. */
export function isObserved(observe: unknown, what: keyof ObserveOptions): boolean {
  const isOff = (name: string, value: unknown): boolean =>
    value !== undefined && value !== null && parseBoolean(name, value) === false;
  if (typeof observe === "object") return !isOff(`observe.${what}`, readMember(observe, what));
  return !isOff("observe", observe);
}

/** Reports what a page does, without calls by the host. Changes nothing in it and keeps no reference to an element. */
export class PageActivity {
  readonly #parts: ActivityParts;
  readonly #ending = new AbortController();
  readonly #observers: PerformanceObserver[] = [];
  /** The span that collects the marks of the current window. */
  #marks: Span | undefined;
  #marked = 0;
  #window: ReturnType<typeof setTimeout> | undefined;
  /** The slowest interactions, by id. */
  readonly #interactions = new Map<number, number>();
  #seen = 0;
  /** When the page became visible, in ms since 1970. */
  #visibleSince: number | undefined;

  constructor(parts: ActivityParts) {
    this.#parts = parts;
    this.#observe("marks", "mark", (entry) => this.#onMark(entry));
    this.#observe("marks", "measure", (entry) => this.#onMeasure(entry));
    this.#observe("longTasks", "longtask", (entry) => this.#onTask(entry));
    if (typeof document !== "object") return;
    this.#observe("navigation", "navigation", (entry) => this.#onNavigation(entry));
    this.#observe("interactions", "event", (entry) => this.#onInteraction(entry));
    this.#listen("resources", globalThis, "error", (event) => this.#onResource(event));
    this.#listen("violations", document, "securitypolicyviolation", (event) =>
      this.#onViolation(event as SecurityPolicyViolationEvent),
    );
    this.show();
  }

  /** Call this when the page may have become visible. */
  show(): void {
    if (document.visibilityState !== "hidden") this.#visibleSince ??= now();
  }

  /** Call this when the page is hidden or ends: reports what has been collected. */
  hide(): void {
    this.#endMarks();
    const since = this.#visibleSince;
    this.#visibleSince = undefined;
    if (since === undefined) return;
    const inp = this.#inp();
    const interactions = { "land.inp_ms": inp, "land.interactions": this.#seen };
    if (isObserved(this.#parts.observe, "visibility"))
      this.#span("visible", since, now(), inp === undefined ? {} : interactions);
  }

  /** Reports the marks collected so far. */
  gather(): void {
    this.#endMarks();
  }

  stop(): void {
    this.hide();
    this.#ending.abort();
    for (const observer of this.#observers) observer.disconnect();
  }

  #listen(
    what: keyof ObserveOptions,
    target: EventTarget,
    type: string,
    work: (event: Event) => void,
  ): void {
    if (!isObserved(this.#parts.observe, what)) return;
    const { signal } = this.#ending;
    // Error events of resources do not bubble, but they can be captured.
    target.addEventListener(type, (event) => attempt(() => work(event)), { capture: true, signal });
  }

  #observe(
    what: keyof ObserveOptions,
    type: string,
    work: (entry: PerformanceEntry) => void,
  ): void {
    if (!isObserved(this.#parts.observe, what)) return;
    attempt(() => {
      const observer = new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) attempt(() => work(entry));
      });
      // Browsers ignore types that they do not know. `buffered` also delivers earlier entries.
      const options = { type, buffered: true, durationThreshold: INTERACTION_MS };
      observer.observe(options);
      this.#observers.push(observer);
    });
  }

  #onMark({ name, startTime }: PerformanceEntry): void {
    if (!name.startsWith(OWN)) return;
    const at = performance.timeOrigin + startTime;
    this.#marks ??= startQuietly(
      this.#parts.tracer,
      `land:${this.#parts.tier}:marks`,
      { startTime: at },
      this.#parts.session() ?? ROOT_CONTEXT,
    );
    const { short, attributes } = cut(name);
    this.#marks.addEvent(short, attributes, at);
    this.#marked += 1;
    if (this.#marked >= MAX_MARKS) this.#endMarks();
    else this.#window ??= setTimeout(() => this.#endMarks(), MARKS_WINDOW_MS);
  }

  #endMarks(): void {
    clearTimeout(this.#window);
    if (this.#marks !== undefined) endQuietly(this.#marks);
    this.#marks = this.#window = undefined;
    this.#marked = 0;
  }

  #onMeasure({ name, startTime, duration }: PerformanceEntry): void {
    if (!name.startsWith(OWN)) return;
    const { short, attributes } = cut(name);
    const begin = performance.timeOrigin + startTime;
    this.#spanNamed(short, begin, begin + duration, attributes);
  }

  #onTask(entry: PerformanceEntry): void {
    if (entry.duration <= LONG_TASK_MS) return;
    const begin = performance.timeOrigin + entry.startTime;
    // The entry's name says which frame the task ran in, as far as the browser discloses it.
    this.#span("longtask", begin, begin + entry.duration, { "land.longtask.where": entry.name });
  }

  #onNavigation(entry: PerformanceEntry): void {
    const { startTime, duration, type, responseStart, domInteractive, domContentLoadedEventEnd } =
      entry as PerformanceNavigationTiming;
    const begin = performance.timeOrigin + startTime;
    this.#span("navigation", begin, begin + duration, {
      "land.navigation.type": type,
      "land.navigation.response_ms": responseStart,
      "land.navigation.interactive_ms": domInteractive,
      "land.navigation.dom_ms": domContentLoadedEventEnd,
      "land.navigation.load_ms": duration,
    });
  }

  #onInteraction(entry: PerformanceEntry): void {
    const { interactionId: id } = entry as Partial<PerformanceEventTiming>;
    // 0 means that there is no interaction, and older browsers have no id at all.
    if (!id) return;
    const known = this.#interactions.get(id);
    if (known === undefined) this.#seen += 1;
    this.#interactions.set(id, Math.max(known ?? 0, entry.duration));
    if (this.#interactions.size <= MAX_INTERACTIONS) return;
    const [fastest] = [...this.#interactions].sort(([, one], [, other]) => one - other);
    if (fastest !== undefined) this.#interactions.delete(fastest[0]);
  }

  /** Interaction to Next Paint, in ms: the slowest interaction after leaving out one for every 50. */
  #inp(): number | undefined {
    const slowest = [...this.#interactions.values()].sort((one, other) => other - one);
    const index = Math.floor(this.#seen / INTERACTIONS_PER_OUTLIER);
    return slowest[Math.min(index, slowest.length - 1)];
  }

  #onResource({ target }: Event): void {
    if (target === null || target === globalThis) return;
    const { localName, src, href } = target as object as Record<string, unknown>;
    const url = src ?? href;
    if (typeof localName !== "string" || typeof url !== "string") return;
    this.#capture("resource:error", { element: localName, url });
  }

  #onViolation(event: SecurityPolicyViolationEvent): void {
    const { blockedURI, effectiveDirective, disposition, sourceFile, lineNumber } = event;
    if (this.#parts.isOurs(blockedURI)) return;
    this.#capture("policy:violation", {
      directive: effectiveDirective,
      blocked: blockedURI,
      disposition,
      source: sourceFile,
      line: lineNumber,
    });
  }

  #capture(what: string, properties: EventProperties): void {
    this.#parts.captureEvent(`land:${this.#parts.tier}:${what}`, properties);
  }

  #span(what: string, start: number, end: number, attributes: Attributes): void {
    this.#spanNamed(`land:${this.#parts.tier}:${what}`, start, end, attributes);
  }

  #spanNamed(name: string, startTime: number, end: number, attributes: Attributes): void {
    const { tracer, session } = this.#parts;
    const options = { startTime, attributes };
    endQuietly(startQuietly(tracer, name, options, session() ?? ROOT_CONTEXT), end);
  }
}

/** Separates a name from the part that is specific to this mark, which may be a whole message. */
function cut(name: string): { readonly short: string; readonly attributes: Attributes } {
  const segments = name.split(":");
  const rest = segments.splice(MAX_SEGMENTS).join(":");
  return {
    short: segments.join(":"),
    attributes: rest === "" ? {} : { "land.mark.detail": rest },
  };
}

function now(): number {
  return performance.timeOrigin + performance.now();
}
