import { runInNewContext } from "node:vm";
import { createRedactor } from "../../lib/redaction/createRedactor.js";

const redactor = createRedactor({ enabled: true }, {});
const open = createRedactor({ enabled: false }, {});

class Named {
  toString(): string {
    return "named";
  }
}

/** Expressions, so that each value can be created both in this realm and in another. */
const VALUES: readonly (readonly [expression: string, readable: unknown])[] = [
  ["new Map([['a', new Map([[1, true]])]])", { a: { "1": true } }],
  ["new Set(['a', 2])", ["a", 2]],
  ["/a+/g", "/a+/g"],
  ["new URL('http://127.0.0.1/x')", "http://127.0.0.1/x"],
  ["new Date(0)", "1970-01-01T00:00:00.000Z"],
  ["10n ** 20n", "100000000000000000000"],
  ["Object(7n)", "7"],
  ["new Headers({ accept: 'text/html' })", { accept: "text/html" }],
  ["new URLSearchParams('a=1&b=2')", { a: "1", b: "2" }],
  ["new RangeError('far')", { name: "RangeError", message: "far" }],
  ["new AggregateError([new Error('inner')], 'outer')", { errors: [{ message: "inner" }] }],
  ["new Named()", "named"],
  ["Promise.resolve()", "[object Promise]"],
  ["new WeakMap()", "[object WeakMap]"],
  ["({})", {}],
  ["Object.create(null)", {}],
  ["new Uint8Array(2)", "<binary>"],
];

describe.each([
  ["this realm", (expression: string) => runIn(expression, false)],
  ["another realm", (expression: string) => runIn(expression, true)],
])("values of %s", (_realm, make) => {
  it.each(VALUES)("arrive readable: %s", (expression, readable) => {
    for (const each of [redactor, open]) {
      const text = JSON.stringify({ value: each.value(make(expression)) });
      const { value } = JSON.parse(text) as { value: unknown };
      if (typeof readable === "object") expect(value).toMatchObject(readable as object);
      else expect(value).toBe(readable);
      if (JSON.stringify(readable) === "{}") expect(value).toEqual({});
    }
  });
});

function runIn(expression: string, isOther: boolean): unknown {
  const web = { URL, Headers, URLSearchParams, Named };
  if (isOther) return runInNewContext(expression, { ...web });
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- the table above
  return new Function(...Object.keys(web), `return ${expression}`)(...Object.values(web));
}
