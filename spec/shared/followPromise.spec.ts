import { AsyncLocalStorage } from "node:async_hooks";
import { followPromise } from "../../lib/shared/followPromise.js";

describe("followPromise", () => {
  const same = <T>(value: T): T => value;
  const ignore = (): void => undefined;

  test("derives from a native promise with its own then, also where async hooks have left symbols on it", async () => {
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

  test("onValue may replace the value, onFailure sees the failure, which stays the same", async () => {
    const seen: unknown[] = [];
    expect(await followPromise(Promise.resolve(1), (value) => value + 1, ignore)).toBe(2);
    const failure = new Error("same");
    const failing = followPromise(Promise.reject(failure), same, (error) => seen.push(error));
    await expect(failing).rejects.toBe(failure);
    expect(seen).toEqual([failure]);
  });

  test("a subclass and a promise with members keep them, reached on the original", async () => {
    class Cancelable extends Promise<number> {
      readonly #state = { cancelled: false };
      cancel(): boolean {
        this.#state.cancelled = true;
        return this.#state.cancelled;
      }
    }
    const subclass = followPromise(new Cancelable((resolve) => resolve(3)), same, ignore) as PromiseLike<number> & { cancel: () => boolean };
    expect(subclass.cancel()).toBe(true);
    expect(await subclass).toBe(3);

    const original = Object.assign(Promise.resolve(4), { id: 7, set: 0 });
    const followed = followPromise(original, same, ignore) as typeof original;
    expect(followed.id).toBe(7);
    followed.set = 5;
    expect(original.set).toBe(5);
    expect(await followed).toBe(4);
  });
});
