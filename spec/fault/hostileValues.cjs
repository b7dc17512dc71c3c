/** Values that no function expects, by name; each is made anew, because some work only once. */
const vm = require("node:vm");
const { Readable } = require("node:stream");

const fail = () => {
  throw new Error("hostile");
};
/** Every trap throws. */
const traps = Object.fromEntries(Object.getOwnPropertyNames(Reflect).map((name) => [name, fail]));
const revoked = (target) => {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
};
const throwing = (target, ...names) => {
  for (const name of names) Object.defineProperty(target, name, { enumerable: true, get: fail });
  return target;
};

exports.fail = fail;
exports.throwing = throwing;
exports.VALUES = {
  undefined: () => undefined,
  null: () => null,
  true: () => true,
  NaN: () => NaN,
  "-1": () => -1,
  Infinity: () => Infinity,
  "2 ** 63": () => 2 ** 63,
  bigint: () => 10n ** 40n,
  "empty text": () => "",
  "half an emoji": () => "\ud83d",
  "giant text": () => "x".repeat(1_000_000),
  symbol: () => Symbol("hostile"),
  "empty object": () => ({}),
  "no prototype": () => Object.create(null),
  frozen: () => Object.freeze({ name: "frozen", nested: Object.freeze({}) }),
  list: () => [1, "two", {}, undefined],
  "list with holes": () => new Array(5),
  "giant list": () => new Array(100_000).fill("item"),
  "giant object": () => Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`k${i}`, i])),
  "cyclic object": () => {
    const value = { name: "cycle" };
    value.self = value;
    return value;
  },
  "deep object": () => {
    let value = {};
    for (let i = 0; i < 10_000; i++) value = { value };
    return value;
  },
  "shared members": () => {
    let value = { end: true };
    for (let i = 0; i < 30; i++) value = { a: value, b: value, c: value };
    return value;
  },
  "every getter throws": () =>
    throwing(
      {},
      "a",
      "name",
      "message",
      "stack",
      "code",
      "cause",
      "errors",
      "then",
      "toJSON",
      "toString",
      "getValue",
      "traceId",
      "signal",
      "constructor",
    ),
  "inherited getter throws": () =>
    Object.create(throwing({}, "name", "then", "getValue", "toJSON")),
  "toJSON throws": () => ({ a: 1, toJSON: fail }),
  "toString throws": () => ({ a: 1, toString: fail, valueOf: fail, [Symbol.toPrimitive]: fail }),
  "iterator throws": () => ({ [Symbol.iterator]: fail, [Symbol.asyncIterator]: fail }),
  "then throws": () => ({ then: fail }),
  "then never answers": () => ({ then: () => undefined }),
  "then is a getter that throws": () => throwing({}, "then"),
  "rejected promise": () => {
    const promise = Promise.reject(new Error("the caller's own"));
    promise.catch(() => undefined);
    return promise;
  },
  "revoked proxy": () => revoked({}),
  "revoked list": () => revoked([]),
  "revoked function": () => revoked(() => undefined),
  "proxy whose traps throw": () => new Proxy({}, traps),
  "list whose traps throw": () => new Proxy([], traps),
  "function whose traps throw": () => new Proxy(() => undefined, traps),
  "function that throws": () => fail,
  class: () => class Hostile {},
  error: () => new TypeError("an error"),
  "hostile error": () => throwing(new Error("hidden"), "stack", "name", "message", "code", "cause"),
  "error that is its cause": () => {
    const error = new Error("loop");
    error.cause = error;
    error.errors = [error, error];
    return error;
  },
  "errors that share members": () => {
    let error = new Error("leaf");
    for (let i = 0; i < 12; i++)
      error = Object.assign(new AggregateError(new Array(16).fill(error), `level ${i}`), {
        cause: error,
      });
    return error;
  },
  "error of another realm": () => vm.runInNewContext("new RangeError('elsewhere')"),
  "object of another realm": () => vm.runInNewContext("({ a: [new Map([[1, 2]])] })"),
  "function of another realm": () => vm.runInNewContext("(function () { return 1; })"),
  map: () => new Map([[{}, new Map()]]),
  date: () => new Date(NaN),
  regexp: () => /x/g,
  url: () => new URL("http://127.0.0.1/x"),
  headers: () => new Headers({ a: "b" }),
  bytes: () => new Uint8Array(8),
  "detached bytes": () => {
    const bytes = new Uint8Array(8);
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
    return bytes;
  },
  promise: () => Promise.resolve(1),
  stream: () => Readable.from(["a"]),
  generator: () =>
    (function* () {
      yield 1;
    })(),
  weakmap: () => new WeakMap(),
  globalThis: () => globalThis,
};
