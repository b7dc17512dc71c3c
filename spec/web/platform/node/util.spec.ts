import { types as nodes } from "node:util";
import { runInNewContext } from "node:vm";
import { types } from "../../../../lib/web/platform/node/util.js";

const KINDS = [
  "new ArrayBuffer(1)",
  "new SharedArrayBuffer(1)",
  "Object(1n)",
  "Object(true)",
  "new Date(0)",
  "new Map()",
  "Object(1)",
  "Promise.resolve()",
  "/x/",
  "new Set()",
  "Object('x')",
  "1n",
  "true",
  "1",
  "'x'",
  "null",
  "undefined",
  "[]",
  "({})",
];

it.each(KINDS)("classifies %s as Node does, from any realm", (text) => {
  for (const value of [runInNewContext(text), runInNewContext(text, {})] as unknown[])
    for (const name of Object.keys(types) as (keyof typeof types)[])
      expect([name, types[name](value)]).toEqual([name, nodes[name](value)]);
});

it("does not throw on a revoked proxy", () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  expect(types.isMap(proxy)).toBe(false);
});
