import { AsyncLocalStorage } from "node:async_hooks";
import { followPromise } from "../../lib/shared/followPromise.js";

describe("followPromise", () => {
  const same = <T>(value: T): T => value;
  const ignore = (): void => undefined;

  test("derives from a native promise with its own `then`, even if async hooks have left symbols on it", async () => {
    await new AsyncLocalStorage<number>().run(1, async () => {
      const promise = Promise.resolve(1);
      const spy = jest.spyOn(Promise.prototype, "then");
      const followed = followPromise(promise, same, ignore);
      const asked = spy.mock.calls.length;
      spy.mockRestore();
      expect(asked).toBe(1);
      expect(await followed).toBe(1);
    });
  });

  test("lets onValue replace the value, and onFailure see the failure, which stays the same", async () => {
    const seen: unknown[] = [];
    expect(await followPromise(Promise.resolve(1), (value) => value + 1, ignore)).toBe(2);
    const failure = new Error("same");
    const failing = followPromise(Promise.reject(failure), same, (error) => seen.push(error));
    await expect(failing).rejects.toBe(failure);
    expect(seen).toEqual([failure]);
  });

  test("keeps the members of a subclass, and those added to a promise, which act on the original", async () => {
    class Cancelable extends Promise<number> {
      readonly #state = { cancelled: false };
      cancel(): boolean {
        this.#state.cancelled = true;
        return this.#state.cancelled;
      }
    }
    const subclass = followPromise(
      new Cancelable((resolve) => resolve(3)),
      same,
      ignore,
    ) as PromiseLike<number> & { cancel: () => boolean };
    expect(subclass.cancel()).toBe(true);
    expect(await subclass).toBe(3);

    const original = Object.assign(Promise.resolve(4), { id: 7, set: 0 });
    const followed = followPromise(original, same, ignore) as typeof original;
    expect(followed.id).toBe(7);
    followed.set = 5;
    expect(original.set).toBe(5);
    expect(await followed).toBe(4);
  });

  test("keeps the symbols of a subclass, but not a promise's own ones", async () => {
    const own = Symbol("of async hooks");
    class Listing extends Promise<number> {
      *[Symbol.iterator](): Generator<number> {
        yield 6;
      }
    }
    const original = Object.assign(new Listing((resolve) => resolve(6)), { [own]: 1 });
    const followed = followPromise<number>(original, same, ignore);
    expect(Array.from(followed as unknown as globalThis.Iterable<number>)).toEqual([6]);
    expect(Object.getOwnPropertySymbols(followed)).not.toContain(own);
    expect(await followed).toBe(6);
  });

  test("lets a failing thenable fail for a caller that only takes values", async () => {
    const failure = new Error("thenable");
    const seen: unknown[] = [];
    const thenable: PromiseLike<number> = {
      then: (...handlers) => Promise.reject<number>(failure).then(...handlers),
    };
    const followed = followPromise(thenable, same, (error) => seen.push(error));
    await expect(Promise.resolve(followed.then((value) => value))).rejects.toBe(failure);
    expect(seen).toEqual([failure]);
  });

  test("calls `then` once on a thenable that is not a promise, even if it returns nothing", async () => {
    const asked: number[] = [];
    const thenable = {
      then(resolve: (value: number) => void): void {
        asked.push(1);
        resolve(5);
      },
    };
    expect(
      await followPromise(thenable as unknown as PromiseLike<number>, (value) => value + 1, ignore),
    ).toBe(6);
    expect(asked).toEqual([1]);
  });

  test("reaches members of a class and of its parents, and does not replace methods of promises", async () => {
    class Job extends Promise<string> {
      get progress(): number {
        return 0.5;
      }
    }
    class SaveJob extends Job {
      readonly id = 7;
      override then<A, B>(...args: Parameters<Promise<string>["then"]>): Promise<A | B> {
        return super.then(...args) as Promise<A | B>;
      }
    }
    const followed = followPromise(
      new SaveJob((resolve) => resolve("saved")),
      same,
      ignore,
    ) as PromiseLike<string> & { id: number; progress: number };
    expect([followed.id, followed.progress]).toEqual([7, 0.5]);
    expect(followed.then).toBe(Promise.prototype.then);
    expect("hasOwnProperty" in followed).toBe(true);
    expect(Object.keys(followed)).toEqual(["id"]);
    expect(Object.getOwnPropertyNames(followed)).not.toContain("toString");
    expect(await followed).toBe("saved");
  });

  test("works with a thenable whose prototype chain is endless or hostile", async () => {
    const endless = (value: object): object =>
      new Proxy(value, { getPrototypeOf: () => endless({ deep: 1 }) });
    const work = endless({ then: (resolve: (value: number) => void) => resolve(1) });
    expect(await followPromise(work as PromiseLike<number>, same, ignore)).toBe(1);
    const hostile = new Proxy(
      { then: (resolve: (value: number) => void) => resolve(2) },
      {
        getPrototypeOf: () => {
          throw new Error("hostile");
        },
      },
    );
    expect(await followPromise(hostile as unknown as PromiseLike<number>, same, ignore)).toBe(2);
  });

  test("reaches the members of a thenable without a prototype", async () => {
    const bare = Object.assign(Object.create(null) as object, {
      id: 3,
      then: (resolve: (value: number) => void) => resolve(2),
    });
    const followed = followPromise(
      bare as unknown as PromiseLike<number>,
      same,
      ignore,
    ) as PromiseLike<number> & { id: number };
    expect(followed.id).toBe(3);
    expect(await followed).toBe(2);
  });
});
