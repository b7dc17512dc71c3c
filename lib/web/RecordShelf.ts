import type { DeliveryRecord } from "../delivery/DeliveryRecord.js";
import { attempt } from "../shared/attempt.js";
import type { EarlyError } from "./earlyErrors.js";
import { EARLY, isEarly } from "./earlyErrors.js";
import { owner, PREFIX } from "./owner.js";

/** Maximum number of characters kept in localStorage, which holds about five million for a whole origin. */
const MAX_CHARACTERS = 1_000_000;
/** Without Web Locks, a record younger than this, in ms, may belong to a window that is still alive. */
const MIN_AGE_MS = 60_000;
/** Maximum number of records that one window keeps in IndexedDB: enough for a few minutes of an outage. */
const MAX_RECORDS = 2_000;

/** A record as it is stored. */
interface Kept extends Omit<DeliveryRecord, "body"> {
  readonly body: string;
  /** When it was stored, in ms since 1970. */
  readonly at: number;
}

/** A record as it is stored in IndexedDB. */
interface Row extends Kept {
  readonly key: string;
  readonly directory: string;
  readonly owner: string;
}

/** A record that another window or worker left behind; `reason` is set if it can no longer be sent. */
export interface Found {
  readonly record: DeliveryRecord;
  readonly reason?: string;
}

/** Storage that outlives this window or worker. Each record is one item, so that none depends on another. */
export class RecordShelf {
  readonly #directory: string;
  readonly #items = new Map<string, number>();
  readonly #rows = new Set<string>();
  #characters = 0;
  #database: Promise<IDBDatabase | undefined> | undefined;

  /** @param directory Names the pipe and its destination. */
  constructor(directory: string) {
    this.#directory = directory;
    // Takes this window's lock, so that no other window adopts what this one keeps.
    owner();
  }

  has(id: string): boolean {
    return this.#items.has(id) || this.#rows.has(id);
  }

  /** @param atOnce Write to localStorage before this returns. Without it, or if that fails, IndexedDB is used. */
  put(record: DeliveryRecord, atOnce: boolean): void {
    const { id, count, urgent, body, contentType } = record;
    if (this.#items.has(id)) return;
    const text = typeof body === "string" ? body : new TextDecoder().decode(body);
    const more = contentType === undefined ? {} : { contentType };
    const kept: Kept = { id, count, urgent, body: text, at: Date.now(), ...more };
    if (atOnce && this.#putItem(kept)) return;
    if (this.#rows.size >= MAX_RECORDS || this.#rows.has(id)) return;
    this.#rows.add(id);
    const row: Row = {
      ...kept,
      key: this.#key(owner(), id),
      directory: this.#directory,
      owner: owner(),
    };
    void this.#store("readwrite", (rows) => rows.put(row)).then((isDone) => {
      if (isDone === undefined) this.#rows.delete(id);
    });
  }

  remove(id: string): void {
    const key = this.#key(owner(), id);
    const size = this.#items.get(id);
    if (size !== undefined) {
      attempt(() => localStorage.removeItem(key));
      this.#items.delete(id);
      this.#characters -= size;
    }
    if (this.#rows.delete(id)) void this.#store("readwrite", (rows) => rows.delete(key));
  }

  /** Passes to `take` what those that are gone have left, until it returns false, and keeps that as this one's own. */
  async adopt(maxAgeMs: number, take: (found: Found) => boolean): Promise<void> {
    await exclusively(async (living) => {
      for (const key of itemKeys(`${PREFIX}:${this.#directory}:`)) {
        const kept = attempt(() => JSON.parse(localStorage.getItem(key) ?? "") as unknown);
        if (!isKept(kept)) {
          attempt(() => localStorage.removeItem(key));
          continue;
        }
        if (!isLeft(ownerIn(key), kept.at, living)) continue;
        if (!take(foundOf(kept, maxAgeMs))) return;
        // In this order, so that a window that dies in between leaves two copies rather than none.
        if (!isExpired(kept, maxAgeMs)) this.#putItem(kept);
        attempt(() => localStorage.removeItem(key));
      }
      for (const row of await this.#rowsOf((each) => isLeft(each.owner, each.at, living))) {
        if (!take(foundOf(row, maxAgeMs))) return;
        const key = this.#key(owner(), row.id);
        if (!isExpired(row, maxAgeMs)) {
          this.#rows.add(row.id);
          await this.#store("readwrite", (rows) => rows.put({ ...row, key, owner: owner() }));
        }
        await this.#store("readwrite", (rows) => rows.delete(row.key));
      }
    });
  }

  close(): void {
    void this.#database?.then((database) => database?.close());
    this.#database = undefined;
  }

  #key(owner: string, id: string): string {
    return `${PREFIX}:${this.#directory}:${owner}:${id}`;
  }

  #putItem(kept: Kept): boolean {
    const text = JSON.stringify(kept);
    if (this.#characters + text.length > MAX_CHARACTERS) return false;
    const key = this.#key(owner(), kept.id);
    // Storage may be missing, full or forbidden.
    const isPut = attempt(() => {
      localStorage.setItem(key, text);
      return true;
    });
    if (isPut !== true) return false;
    this.#items.set(kept.id, text.length);
    this.#characters += text.length;
    return true;
  }

  async #rowsOf(isWanted: (row: Row) => boolean): Promise<readonly Row[]> {
    const rows = await this.#store<unknown[]>("readonly", (store) => store.getAll());
    return (rows ?? []).filter(
      (row): row is Row =>
        isKept(row) && (row as Row).directory === this.#directory && isWanted(row as Row),
    );
  }

  /** Makes one request to the object store. Resolves to undefined if it fails, for example without IndexedDB. */
  async #store<T>(
    mode: IDBTransactionMode,
    ask: (store: IDBObjectStore) => IDBRequest<T>,
  ): Promise<T | undefined> {
    const database = await (this.#database ??= openDatabase());
    return new Promise((resolve) => {
      try {
        if (database === undefined) throw new Error("no database");
        const transaction = database.transaction(PREFIX, mode);
        const request = ask(transaction.objectStore(PREFIX));
        transaction.oncomplete = () => resolve(request.result);
        transaction.onabort = transaction.onerror = () => resolve(undefined);
      } catch {
        resolve(undefined);
      }
    });
  }
}

/**
 * Hands over the errors of windows that ended before they could make events of them. `take` stores each before it
 * returns; if this window dies right after that, the error exists twice, under one id.
 */
export async function adoptEarly(take: (id: string, error: EarlyError) => void): Promise<void> {
  await exclusively((living) => {
    for (const key of itemKeys(EARLY)) {
      const early = attempt(() => JSON.parse(localStorage.getItem(key) ?? "") as unknown);
      if (isEarly(early) && !isLeft(ownerIn(key), early.at, living)) continue;
      if (isEarly(early)) take(key.slice(key.lastIndexOf(":") + 1), early);
      attempt(() => localStorage.removeItem(key));
    }
    return Promise.resolve();
  });
}

/** Deletes everything that a pipe has kept, for example because somebody has opted out of it. */
export async function clearKept(pipe: string): Promise<void> {
  for (const key of itemKeys(`${PREFIX}:${pipe}:`)) attempt(() => localStorage.removeItem(key));
  const database = await openDatabase();
  attempt(() => {
    const rows = database?.transaction(PREFIX, "readwrite").objectStore(PREFIX);
    rows?.delete(IDBKeyRange.bound(`${PREFIX}:${pipe}:`, `${PREFIX}:${pipe};`));
  });
  database?.close();
}

function openDatabase(): Promise<IDBDatabase | undefined> {
  return new Promise((resolve) => {
    try {
      const request = indexedDB.open(PREFIX, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(PREFIX, { keyPath: "key" });
      request.onsuccess = () => resolve(request.result);
      request.onerror = request.onblocked = () => resolve(undefined);
    } catch {
      resolve(undefined);
    }
  });
}

function itemKeys(prefix: string): readonly string[] {
  return (attempt(() => Object.keys(localStorage)) ?? []).filter((key) => key.startsWith(prefix));
}

function isKept(value: unknown): value is Kept {
  const { id, count, body, at } = (value ?? {}) as Partial<Record<keyof Kept, unknown>>;
  return (
    typeof id === "string" &&
    typeof body === "string" &&
    typeof at === "number" &&
    Number.isSafeInteger(count)
  );
}

/** Whether a record is too old, or from too far in the future because the clock has been set back since. */
function isExpired({ at }: Kept, maxAgeMs: number): boolean {
  return Math.abs(Date.now() - at) > maxAgeMs;
}

function foundOf(kept: Kept, maxAgeMs: number): Found {
  const { id, count, urgent, body, contentType } = kept;
  const record = { id, count, urgent, body, ...(contentType === undefined ? {} : { contentType }) };
  return isExpired(kept, maxAgeMs) ? { record, reason: "expired" } : { record };
}

function ownerIn(key: string): string {
  return key.split(":").at(-2) ?? "";
}

/** Whether the window that stored something is gone. */
function isLeft(by: string, at: number, living: ReadonlySet<string> | undefined): boolean {
  if (by === owner()) return false;
  return living === undefined ? Math.abs(Date.now() - at) > MIN_AGE_MS : !living.has(by);
}

/** Runs `work` in one window at a time, with the ids of the living owners; without Web Locks, with undefined. */
async function exclusively(
  work: (living: ReadonlySet<string> | undefined) => Promise<void>,
): Promise<void> {
  try {
    const { locks } = navigator as { locks?: LockManager };
    if (locks === undefined) {
      await work(undefined);
      return;
    }
    await locks.request(`${PREFIX}:adopt`, async () => {
      const { held = [], pending = [] } = await locks.query();
      const names = [...held, ...pending].map(({ name = "" }) => name.slice(PREFIX.length + 1));
      await work(new Set(names));
    });
  } catch {
    // Whatever is left stays for the next window.
  }
}
