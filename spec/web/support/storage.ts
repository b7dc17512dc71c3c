/** localStorage as in a page: its items are its own properties, and it can be full or refuse. */
export class FakeStorage {
  /** What `setItem` does before it stores. */
  #onSet: () => void = () => undefined;

  get whole(): Record<string, string> {
    return this as unknown as Record<string, string>;
  }

  refuseWith(error: Error): void {
    this.#onSet = () => {
      throw error;
    };
  }

  getItem(key: string): string | null {
    return this.whole[key] ?? null;
  }

  setItem(key: string, value: string): void {
    this.#onSet();
    this.whole[key] = value;
  }

  removeItem(key: string): void {
    Reflect.deleteProperty(this.whole, key);
  }
}

/** IndexedDB with one store, whose rows outlive the window that wrote them. */
export class FakeDatabase {
  readonly rows = new Map<string, object>();
  /** Makes every transaction fail, as on a full disk. */
  isBroken = false;

  open(): object {
    const request: Record<string, unknown> = { result: this.#connection() };
    queueMicrotask(() => call(request["onsuccess"]));
    return request;
  }

  #connection(): object {
    const store = {
      put: (row: { key: string }) => (this.rows.set(row.key, row), { result: row.key }),
      delete: (key: string) => (this.rows.delete(key), {}),
      getAll: () => ({ result: [...this.rows.values()] }),
    };
    let isClosed = false;
    return {
      close: () => (isClosed = true),
      transaction: () => {
        if (isClosed) throw new DOMException("closed", "InvalidStateError");
        const transaction: Record<string, unknown> = { objectStore: () => store };
        if (this.isBroken) transaction["objectStore"] = () => ({ ...store, put: () => ({}) });
        queueMicrotask(() => call(transaction[this.isBroken ? "onabort" : "oncomplete"]));
        return transaction;
      },
    };
  }
}

function call(handler: unknown): void {
  if (typeof handler === "function") (handler as () => void)();
}

/** The Web Locks of one origin; a window counts as alive while its lock is held. */
export class FakeLocks {
  readonly held = new Set<string>();

  async request(name: string, work: () => unknown): Promise<unknown> {
    this.held.add(name);
    try {
      return await work();
    } finally {
      this.held.delete(name);
    }
  }

  query(): Promise<{ held: { name: string }[] }> {
    return Promise.resolve({ held: [...this.held].map((name) => ({ name })) });
  }
}
