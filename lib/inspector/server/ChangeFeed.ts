import type { Truthy } from "./startInspector.js";

/** Notifies listeners of changes, and lets callers wait for a state without polling. */
export class ChangeFeed {
  readonly #listeners = new Set<() => void>();
  readonly #waiting = new Set<(reason: string) => void>();

  subscribe(listener: () => void): () => void {
    // The wrapper lets the same function subscribe twice and unsubscribe once.
    const entry = (): void => listener();
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  changed(): void {
    for (const listener of this.#listeners) {
      try {
        listener();
      } catch {
        // A listener that throws must not fail the request that is being answered.
      }
    }
  }

  waitFor<T>(find: () => T, timeoutMs: number, describe: () => string): Promise<Truthy<T>> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        unsubscribe();
        this.#waiting.delete(fail);
      };
      const fail = (reason: string): void => {
        stop();
        reject(new Error(`${reason}; received so far: ${describe()}`));
      };
      const look = (): void => {
        try {
          const found = find();
          if (!found) return;
          stop();
          resolve(found as Truthy<T>);
        } catch (error) {
          const mistake = error as Error;
          stop();
          reject(mistake);
        }
      };
      const timer = setTimeout(() => fail(`Timed out after ${timeoutMs} ms`), timeoutMs);
      const unsubscribe = this.subscribe(look);
      this.#waiting.add(fail);
      look();
    });
  }

  /** Rejects all pending waits and removes all listeners. */
  end(reason: string): void {
    for (const fail of this.#waiting) fail(reason);
    this.#listeners.clear();
  }
}
