import { existsSync, readFileSync } from "node:fs";
import type { Pipe, PipeStats, Stats } from "../../lib/shared/Stats";

interface Entry {
  readonly session?: number;
  readonly status?: string;
  /** The prefix of the names, the first number, and how many there are. */
  readonly spans?: readonly [prefix: string, first: number, count: number];
  readonly at?: number;
  readonly error?: string;
  readonly event?: string;
  readonly over?: number;
  readonly stats?: Stats;
  readonly exitMs?: number;
  readonly maxRss?: number;
  readonly rss?: number;
  readonly settled?: boolean;
  readonly block?: number;
  readonly peak?: number;
  readonly sample?: Sample;
  readonly unbalanced?: { readonly pipe: Pipe; readonly books: PipeStats };
  readonly seen?: SeenSpans;
  readonly wrong?: string;
  /** What a call with a hostile argument threw or rejected with. */
  readonly threw?: string;
  readonly calls?: number;
  readonly slowest?: { readonly ms: number; readonly what: string };
  readonly surprises?: readonly string[];
}

/** The spans that the instrumentations of a host made, by instrumentation: of the host's own work, and of ours. */
export interface SeenSpans {
  readonly own: Readonly<Record<string, number>>;
  readonly ours: Readonly<Record<string, number>>;
}

/** What a child measured about itself. */
export interface Sample {
  readonly heap: number;
  readonly fds: number;
  readonly handles: number;
}

/** What a child wrote down of its work: the truth that the far end is compared with. */
export class Journal {
  /** For entries that only one case writes. */
  get entries(): readonly object[] {
    return this.#entries;
  }
  readonly #entries: readonly Entry[];

  constructor(file: string) {
    const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
    this.#entries = lines
      .filter((line) => line.endsWith("}"))
      .map((line) => JSON.parse(line) as Entry);
  }

  /** Names of what was handed to a pipe before the child died. */
  accepted(pipe: Pipe): string[] {
    const names: string[] = [];
    for (const { session, spans, error, event } of this.#entries) {
      if (session !== undefined) names.push(`land:cocoon:session:start:${session}`);
      if (error !== undefined) names.push(error);
      if (pipe === "posthog" && event !== undefined) names.push(event);
      if (pipe === "otlp" && spans !== undefined) names.push(...ordinary(spans));
    }
    return names;
  }

  /** Names of its session ends, which a process hands over last, after the journal's last line. */
  get sessionEnds(): string[] {
    return this.#entries.flatMap(({ session }) =>
      session === undefined ? [] : [`land:cocoon:session:end:${session}`],
    );
  }

  /** When each ordinary span ended, in ms before the last sign of life. */
  ages(): Map<string, number> {
    const ages = new Map<string, number>();
    const last = this.#entries.findLast(({ at }) => at !== undefined)?.at ?? 0;
    for (const { spans, at = last } of this.#entries) {
      if (spans !== undefined) for (const name of ordinary(spans)) ages.set(name, last - at);
    }
    return ages;
  }

  get over(): number | undefined {
    return this.#last("over");
  }

  get stats(): Stats | undefined {
    return this.#last("stats");
  }

  /** Time between the first and the last listener of `exit`, ours among them, in ms. */
  get exitMs(): number | undefined {
    return this.#last("exitMs");
  }

  /** The largest resident set, and the one before the work, in bytes. */
  get memory(): { readonly start: number; readonly peak: number } {
    return { start: this.#last("rss") ?? 0, peak: this.#last("peak") ?? this.#last("maxRss") ?? 0 };
  }

  get threw(): readonly string[] {
    return this.#entries.flatMap(({ threw }) => threw ?? []);
  }

  /** The last line of a run of hostile arguments. */
  get outcome(): Pick<Entry, "calls" | "slowest" | "surprises"> | undefined {
    return this.#entries.findLast(({ calls }) => calls !== undefined);
  }

  get seen(): SeenSpans {
    return this.#last("seen") ?? { own: {}, ours: {} };
  }

  /** Public functions that returned or threw something other than they should have. */
  get wrong(): readonly string[] {
    return this.#entries.flatMap(({ wrong }) => wrong ?? []);
  }

  /** The longest block of its event loop since it was watched, in ms. */
  get longestBlock(): number {
    return this.#last("block") ?? 0;
  }

  get settled(): boolean {
    return this.#last("settled") ?? false;
  }

  get samples(): readonly Sample[] {
    return this.#entries.flatMap(({ sample }) => sample ?? []);
  }

  /** Moments at which the books did not balance. */
  get unbalanced(): readonly unknown[] {
    return this.#entries.flatMap(({ unbalanced }) => unbalanced ?? []);
  }

  #last<K extends keyof Entry>(key: K): Entry[K] | undefined {
    return this.#entries.findLast((entry) => entry[key] !== undefined)?.[key];
  }
}

function ordinary([prefix, first, count]: NonNullable<Entry["spans"]>): string[] {
  return Array.from({ length: count }, (_, i) => `w${prefix}${first + i}`);
}
