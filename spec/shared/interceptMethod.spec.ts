import type { Method } from "../../lib/shared/interceptMethod.js";
import { imitate, interceptMethod } from "../../lib/shared/interceptMethod.js";
import { looksOf, outcomeOf } from "../support/sameAs.js";

const passOn = (method: Method, self: unknown, args: unknown[]): unknown =>
  method.apply(self, args);

class Counter {
  #count = 1;
  add(step: number, ...more: number[]): number {
    return (this.#count += more.reduce((sum, value) => sum + value, step));
  }
  async later(): Promise<number> {
    return Promise.resolve(this.#count);
  }
  *steps(): Generator<number> {
    yield this.#count;
  }
}

describe("interceptMethod", () => {
  test.each<[string, object, PropertyKey]>([
    ["a method of a class", new Counter(), "add"],
    ["an async one", new Counter(), "later"],
    ["a generator", new Counter(), "steps"],
    ["a method of the object itself", { add: (a: number, b: number) => a + b }, "add"],
    [
      "one that is not enumerable",
      Object.defineProperty({}, "add", { value: (): void => undefined, configurable: true }),
      "add",
    ],
    ["one under a symbol", { [Symbol.dispose]: (): void => undefined }, Symbol.dispose],
    ["a bound one", { add: Counter.prototype.add.bind(new Counter()) }, "add"],
    ["one with members", { add: Object.assign((): void => undefined, { limit: 3 }) }, "add"],
    ["a class", { add: Counter }, "add"],
    ["one without a name", { add: nameless() }, "add"],
  ])("leaves %s looking as before, and its object too", (_what, target, key) => {
    const before = looksOf(Reflect.get(target, key));
    const keys = Object.keys(target);
    const enumerable = Object.getOwnPropertyDescriptor(target, key)?.enumerable ?? false;
    expect(interceptMethod(target, key, passOn)).toBe(true);
    expect(looksOf(Reflect.get(target, key))).toEqual(before);
    expect(Object.keys(target)).toEqual(keys);
    expect(Object.getOwnPropertyDescriptor(target, key)).toMatchObject({
      enumerable,
      configurable: true,
      writable: true,
    });
  });

  test("passes on `this`, all arguments, the result and what the method throws", () => {
    const target = new Counter();
    const seen: unknown[] = [];
    interceptMethod(target, "add", (method, self, args) => {
      seen.push([self, args]);
      return method.apply(self, args);
    });
    const other = new Counter();
    expect([target.add(1, 2, 3), target.add.call(other, 5)]).toEqual([7, 6]);
    expect(seen).toEqual([
      [target, [1, 2, 3]],
      [other, [5]],
    ]);
    expect(outcomeOf(() => target.add.call({} as never, 1))).toEqual({
      threw: expect.any(TypeError) as TypeError,
    });
  });

  test("leaves alone what is not a method, and an object that cannot be changed", () => {
    expect(interceptMethod({ add: 1 }, "add", passOn)).toBe(false);
    expect(interceptMethod({}, "add", passOn)).toBe(false);
    const frozen = Object.freeze({ add: (): number => 1 });
    const { add } = frozen;
    expect(interceptMethod(frozen, "add", passOn)).toBe(false);
    expect(frozen.add).toBe(add);
  });

  test("adds at most 16 interceptors to an object that is intercepted again and again", () => {
    const shared = { next: (): number => 1 };
    const taken = Array.from({ length: 20_000 }, () => interceptMethod(shared, "next", passOn));
    expect(taken.filter(Boolean)).toHaveLength(16);
    expect(shared.next()).toBe(1);
  });
});

describe("imitate", () => {
  test("throws nothing for a function that does not show its members", () => {
    const hostile = new Proxy((): number => 1, {
      ownKeys: () => {
        throw new Error("no");
      },
    });
    const wrapper = (): number => 2;
    expect(() => imitate(wrapper, hostile)).not.toThrow();
    expect(wrapper()).toBe(2);
  });
});

function nameless(): () => number {
  const one = (): number => 1;
  Reflect.deleteProperty(one, "name");
  Reflect.deleteProperty(one, "length");
  return one;
}
