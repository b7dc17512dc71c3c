import type { RequestCount } from "./RequestCount.js";

/** Counts answers by route and status; bounded, since both come from short lists. */
export class RequestCounter {
  total = 0;
  readonly #counts = new Map<string, RequestCount>();

  add(route: string, status: number): void {
    const key = `${route} ${status}`;
    this.total++;
    this.#counts.set(key, { route, status, count: (this.#counts.get(key)?.count ?? 0) + 1 });
  }

  list(): readonly RequestCount[] {
    return [...this.#counts.values()];
  }
}
