import { followCall, followPromise } from "../../lib/shared/followPromise.js";

describe("followCall", () => {
  /** The followed work, and what its two callbacks receive. */
  function follow<T>(work: () => T): { readonly result: () => T; readonly told: unknown[] } {
    const told: unknown[] = [];
    const result = (): T =>
      followCall(
        work,
        (value) => told.push(["value", value]),
        (failure) => told.push(["failure", failure]),
      );
    return { result, told };
  }
  const failure = new Error("mine");

  test("returns a value, and reports it", () => {
    const value = {};
    const { result, told } = follow(() => value);
    expect(result()).toBe(value);
    expect(told).toEqual([["value", value]]);
  });

  test("throws what the work throws, and reports it", () => {
    const { result, told } = follow(() => {
      throw failure;
    });
    expect(result).toThrow(failure);
    expect(told).toEqual([["failure", failure]]);
  });

  test("reports what a promise resolves to, and returns a promise of the same", async () => {
    const { result, told } = follow(() => Promise.resolve(7));
    const promise = result();
    expect(told).toEqual([]);
    expect(await promise).toBe(7);
    expect(told).toEqual([["value", 7]]);
  });

  test("reports a rejection, and rejects with the same", async () => {
    const { result, told } = follow(() => Promise.reject(failure));
    await expect(result()).rejects.toBe(failure);
    expect(told).toEqual([["failure", failure]]);
  });
});

describe("the extra members of a promise", () => {
  class Cancelable extends Promise<number> {
    #cancelled = false;
    get cancelled(): boolean {
      return this.#cancelled;
    }
    cancel(): string {
      this.#cancelled = true;
      return "cancelled";
    }
  }

  test("are reachable on the returned promise, both own and inherited, as enumerable as before", () => {
    const promise = Object.assign(new Cancelable((resolve) => resolve(1)), { reason: "none" });
    const derived = followPromise(
      promise,
      (value) => value,
      () => undefined,
    ) as unknown as Omit<typeof promise, "then">;
    expect(derived.cancel()).toBe("cancelled");
    expect(derived.cancelled).toBe(true);
    derived.reason = "mine";
    expect(promise.reason).toBe("mine");
    expect(Object.keys(derived)).toEqual(["reason"]);
    expect(Object.getOwnPropertyDescriptor(derived, "reason")?.configurable).toBe(true);
  });

  test("are looked up on the promise and seven prototypes, and no further", () => {
    const chain = (levels: number): PromiseLike<number> => {
      let object: object = { far: true };
      for (let level = 1; level < levels; level++) object = Object.create(object) as object;
      // With prototypes that are not a promise's, there is no `then` to inherit.
      const promise = Object.setPrototypeOf(Promise.resolve(1), object) as object;
      return Object.assign(promise, { then: Reflect.get(Promise.prototype, "then") });
    };
    const hasFar = (levels: number): boolean =>
      "far" in
      followPromise(
        chain(levels),
        (value) => value,
        () => undefined,
      );
    // The promise itself is the first.
    expect([hasFar(7), hasFar(8)]).toEqual([true, false]);
  });
});
