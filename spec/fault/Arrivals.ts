import type { Pipe } from "../../lib/shared/Stats";

interface WireSpan {
  readonly name: string;
  readonly attributes: readonly { key: string; value: { intValue?: number | string } }[];
}
interface WireTraces {
  readonly resourceSpans: readonly {
    resource: { attributes: readonly { key: string; value: { intValue?: number | string } }[] };
    scopeSpans: readonly { spans: readonly WireSpan[] }[];
  }[];
}
interface WireEvent {
  readonly event: string;
  readonly uuid: string;
  readonly timestamp: string;
  readonly distinct_id: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** What a far end has accepted, by the names that the children's journals use. */
export class Arrivals {
  /** How often each arrived; for events, under how many identities. */
  readonly counts: Readonly<Record<Pipe, Map<string, number>>> = {
    otlp: new Map(),
    posthog: new Map(),
  };
  readonly events: WireEvent[] = [];
  readonly #identities = new Set<string>();

  take(path: string, body: string): void {
    if (path.includes("/v1/traces")) this.#takeSpans(JSON.parse(body) as WireTraces);
    else
      for (const event of (JSON.parse(body) as { batch: WireEvent[] }).batch)
        this.#takeEvent(event);
  }

  has(pipe: Pipe, name: string): boolean {
    return this.counts[pipe].has(name);
  }

  #takeSpans({ resourceSpans }: WireTraces): void {
    for (const { resource, scopeSpans } of resourceSpans) {
      const pid = resource.attributes.find(({ key }) => key === "process.pid")?.value.intValue;
      for (const { spans } of scopeSpans)
        for (const { name } of spans)
          this.#count("otlp", name.startsWith("land:") ? `${name}:${pid ?? ""}` : name);
    }
  }

  #takeEvent(event: WireEvent): void {
    this.events.push(event);
    // By these the server merges duplicates; the day is in the timestamp.
    const identity = `${event.event} ${event.uuid} ${event.distinct_id} ${event.timestamp}`;
    if (this.#identities.has(identity)) return;
    this.#identities.add(identity);
    const { pid, probe, span_name: span } = event.properties;
    const named = [probe, span].find((each): each is string => typeof each === "string");
    this.#count(
      "posthog",
      event.event.includes(":session:") ? `${event.event}:${String(pid)}` : (named ?? event.event),
    );
  }

  #count(pipe: Pipe, name: string): void {
    this.counts[pipe].set(name, (this.counts[pipe].get(name) ?? 0) + 1);
  }
}
