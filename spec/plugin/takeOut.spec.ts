import { buildSync } from "esbuild";
import type { SourceMapPayload } from "node:module";
import { SourceMap } from "node:module";
import { join } from "node:path";
import type * as TakeOut from "../../lib/plugin/takeOut";

// Bundled into one CommonJS file, because jest does not load the ES modules among the dependencies.
const outfile = join(__dirname, "../../.cache/takeOut.cjs");
buildSync({
  entryPoints: [join(__dirname, "../../lib/plugin/takeOut.ts")],
  bundle: true,
  platform: "node",
  format: "cjs",
  mainFields: ["module", "main"],
  outfile,
});
// eslint-disable-next-line @typescript-eslint/no-require-imports -- built a moment ago
const { takeOut } = require(outfile) as typeof TakeOut;

const IMPORTS = `import { withSpan, traceHandler, captureEvent, register, inject, flush, Tier } from "land-telemetry";\nimport { serverInterceptor } from "land-telemetry/grpc";\n`;
const outOf = (code: string): string | undefined =>
  takeOut(code, "land-telemetry")?.code.replaceAll(/\s+/g, " ").trim();
const out = (code: string): string | undefined => outOf(IMPORTS + code);

it.each([
  [`const a = withSpan("land:cocoon:x", () => work());`, `const a = work();`],
  [`withSpan("land:cocoon:x", fn); function fn() {}`, `fn(); function fn() {}`],
  [
    `class A { run() { return withSpan("x", () => this.go()); } }`,
    `class A { run() { return this.go(); } }`,
  ],
  [
    `export const h = traceHandler("x", function () { return this; });`,
    `export const h = function () { return this; };`,
  ],
  [`traceHandler("x", service.run)();`, `;(0, service.run)();`],
  [`captureEvent("land:x", { at: Date.now() });`, ``],
  [`captureEvent("land:x", { count: next() });`, `;({ count: next() }, void 0);`],
  [`/* @__PURE__ */ inject({}); work();`, `work();`],
  [`const telemetry = register(Tier.Cocoon);`, ``],
  [
    `new Server({ interceptors: [serverInterceptor(), other] });`,
    `new Server({ interceptors: [other] });`,
  ],
  [`if (busy) captureEvent("x");`, `if (busy) ;`],
  [`await flush();`, ``],
])("%s becomes %s", (code, expected) => expect(out(code)).toBe(expected));

it("leaves a local variable of the same name alone", () => {
  expect(out(`function f(captureEvent) { captureEvent("mine"); }`)).toContain(
    `captureEvent("mine")`,
  );
});

it("keeps the span for a function that uses it, but not its name", () => {
  expect(out(`withSpan("land:x", (span) => span.end());`)).toBe(
    `import { withSpan } from "land-telemetry"; withSpan("", (span) => span.end());`,
  );
});

it.each([
  [
    `import * as land from "land-telemetry"; land.register(land.Tier.Cocoon); const a = land.withSpan("x", () => work());`,
    `const a = work();`,
  ],
  [
    `import * as land from "land-telemetry"; land.captureEvent("x"); work(land.stats());`,
    `import * as land from "land-telemetry"; work(land.stats());`,
  ],
  [`import { captureEvent as say } from "land-telemetry"; say("x"); work();`, `work();`],
  [`import { "captureEvent" as say } from "land-telemetry"; say("x");`, ``],
])("finds the calls in %s", (code, expected) => expect(outOf(code)).toBe(expected));

/** The code, after an import that it still needs. */
const keeps = (name: string, code: string, from = "land-telemetry"): string =>
  `import { ${name} } from "${from}"; ${code}`;

describe("the function of withSpan", () => {
  it.each([
    [`withSpan("x", () => { work(); });`, `{ work(); }`],
    [
      `withSpan("x", () => { list.map(() => { return 1; }); });`,
      `{ list.map(() => { return 1; }); }`,
    ],
    [`withSpan("x", () => { var a = 1; use(a); });`, `;(() => { var a = 1; use(a); })();`],
    [
      `withSpan("x", () => { function a() {} use(a); });`,
      `;(() => { function a() {} use(a); })();`,
    ],
    [`withSpan("x", () => { return work(); });`, `;(() => { return work(); })();`],
    [`withSpan("x", async () => { await work(); });`, `;(async () => { await work(); })();`],
    [
      `function f() { return withSpan("x", () => { work(); return 1; }); }`,
      `function f() { { work(); return 1; } }`,
    ],
    [
      `function f() { return withSpan("x", () => { if (a) return 2; work(); }); }`,
      `function f() { return (() => { if (a) return 2; work(); })(); }`,
    ],
    [
      `function f() { return withSpan("x", () => { var b = 2; return b; }); }`,
      `function f() { return (() => { var b = 2; return b; })(); }`,
    ],
    [`(withSpan("x", () => { var a; }));`, `((() => { var a; })());`],
    [`const fn = () => work(); withSpan("x", fn);`, `const fn = () => work(); fn();`],
    [`const a = withSpan("x", { root: true }, () => work());`, `const a = work();`],
    [`const a = withSpan("x", () => service.run)();`, `const a = (0, service.run)();`],
    [`const a = withSpan("x", () => (b, c));`, `const a = (b, c);`],
    [`use(withSpan("x", () => a + b) * 2);`, `use((a + b) * 2);`],
    [`use(withSpan("x", () => a + b), 2);`, `use(a + b, 2);`],
  ])("runs in place of the call: %s becomes %s", (code, expected) =>
    expect(out(code)).toBe(expected),
  );

  it.each([
    `withSpan("", service.run);`,
    `const fn = () => work(); function g(fn) { withSpan("", fn); }`,
    `let fn = () => work(); fn = (span) => span.end(); withSpan("", fn);`,
    `function fn(span) {} withSpan("", fn);`,
    `function fn() { return arguments[0]; } withSpan("", fn);`,
    `class fn {} withSpan("", fn);`,
    `withSpan("", function () { return arguments[0]; });`,
    `withSpan("", (...all) => use(all));`,
    `const a = withSpan("land:x", { at: next() }, () => work());`,
    `const a = withSpan("land:x", 1, 2, () => work());`,
  ])("keeps its span if it may use it, or if the other arguments are needed: %s", (code) =>
    expect(out(code.replace(`withSpan(""`, `withSpan("land:x"`))).toBe(keeps("withSpan", code)),
  );
});

it.each([
  [`const telemetry = register(Tier.Cocoon), other = 1;`, `const telemetry = void 0, other = 1;`],
  [`for (const t = register(Tier.Cocoon); ; ) work();`, `for (const t = void 0; ; ) work();`],
  [`use(captureEvent("x"), flush());`, `use(void 0, Promise.resolve());`],
  [`const a = captureEvent("x"); use(a);`, `const a = void 0; use(a);`],
  [`void captureEvent("x"); [1].map(work);`, `; [1].map(work);`],
  [`class A { static { captureEvent("x"); } }`, `class A { static { } }`],
  [`work(); /*#__PURE__*/ /* @__NOINLINE__ */ inject({}); work();`, `work(); work();`],
  [`use(/* @__PURE__ */ inject({ a: 1 }, 2));`, `use({ a: 1 });`],
  [`inject(next());`, `next();`],
  [`(traceHandler("x", service.run))();`, `((0, service.run))();`],
  [`export const h = traceHandler("x", (a, b));`, `export const h = (a, b);`],
  [`export const h = traceHandler("x", a ? b : c);`, `export const h = a ? b : c;`],
  [`new Server({ interceptors: [serverInterceptor()] });`, `new Server({ interceptors: [] });`],
  [
    `new Server({ interceptors: [other, serverInterceptor()] });`,
    `new Server({ interceptors: [other] });`,
  ],
  [
    `new Server({ interceptors: [serverInterceptor(), serverInterceptor(), other] });`,
    `new Server({ interceptors: [other] });`,
  ],
  [`use(Tier.Mountain);`, `use("mountain");`],
])("reduces %s to %s", (code, expected) => expect(out(code)).toBe(expected));

it.each([
  ["register", `const telemetry = register("cocoon"); use(telemetry);`],
  ["Tier", `use(Tier);`],
  ["Tier", `use(Tier["Mountain"]);`],
  ["Tier", `use(Tier.Nonsense);`],
  ["captureEvent", `captureEvent(...all);`],
  ["captureEvent", `export { captureEvent };`],
  ["captureEvent", `const say = captureEvent; say("x");`],
  ["inject", `use(inject());`],
  ["inject", `use(inject({ a: 1 }, next()));`],
  ["traceHandler", `use(traceHandler(next(), fn));`],
])("leaves a use of %s that has no plain substitute: %s", (name, code) =>
  expect(out(code)).toBe(keeps(name, code)),
);

it.each([
  `new Server({ interceptors: [serverInterceptor(next()), other] });`,
  `new Server({ others: [serverInterceptor(), other] });`,
  `new Server({ [interceptors]: [serverInterceptor(), other] });`,
  `use([serverInterceptor()]);`,
])("leaves an interceptor on which other code may depend: %s", (code) =>
  expect(out(code)).toBe(keeps("serverInterceptor", code, "land-telemetry/grpc")),
);

it.each([
  `a.b`,
  `Date.now()`,
  `process.hrtime.bigint()`,
  `new Error("x")`,
  `String(a)`,
  `() => work()`,
  `function () { work(); }`,
  `flush()`,
])("does not evaluate what nobody could miss: %s", (value) =>
  expect(out(`captureEvent("x", { at: ${value} });`)).toBe(""),
);

it.each([
  `next()`,
  `(a = 1)`,
  `a++`,
  `delete a.b`,
  `tag\`x\``,
  `new Thing()`,
  `Date[now]()`,
  `import("./mine.js")`,
  `class { static a = next(); }`,
  `withSpan("y", (span) => span.end())`,
])("still evaluates what the application could miss: %s", (value) =>
  expect(out(`captureEvent("x", { at: ${value} });`)).toContain(`({ at: ${value} }, void 0)`),
);

it.each([
  ["traceHandler", 1],
  ["inject", 0],
  ["injectPayload", 0],
  ["stripPayload", 0],
  ["markPayload", 0],
  ["trusted", 0],
  ["tracePort", 0],
  ["injectWorkerData", 0],
  ["traceInvoke", 0],
  ["traceListen", 0],
])("a call of %s becomes its argument %d", (name, index) =>
  expect(outOf(`import { ${name} } from "land-telemetry"; use(${name}(a, b));`)).toBe(
    `use(${["a", "b"][index] ?? ""});`,
  ),
);

it.each([
  `import * as land from "land-telemetry"; use(land);`,
  `import * as land from "land-telemetry"; land["captureEvent"]("x");`,
  `import land from "land-telemetry"; land.captureEvent("x");`,
  `import { releasePlugin } from "land-telemetry/plugin"; releasePlugin.vite();`,
  `import { captureEvent } from "land-telemetry-other"; captureEvent("x");`,
  `import { toString } from "land-telemetry"; toString("x");`,
  `import {stats} from "land-telemetry"; work(stats());`,
  `const a = "land-telemetry";`,
  `work();`,
])("takes nothing out of %s", (code) => expect(outOf(code)).toBeUndefined());

it("removes the line ending along with an import or a call, CRLF or LF", () => {
  const code = `import { captureEvent } from "land-telemetry";\r\nimport a from "b";\r\ncaptureEvent("x");\r\nwork();`;
  const left = `import a from "b";\r\nwork();`;
  expect(takeOut(code, "land-telemetry")?.code).toBe(left);
  expect(takeOut(code.replaceAll("\r", ""), "land-telemetry")?.code).toBe(
    left.replaceAll("\r", ""),
  );
});

it.each([
  [`import "land-telemetry"; work();`, `work();`],
  [
    `import { stats, flush } from "land-telemetry"; void flush(); work(stats());`,
    `import { stats } from "land-telemetry"; work(stats());`,
  ],
  [
    `import { emitSpan } from "land-telemetry"; import { SpanKind } from "@opentelemetry/api"; emitSpan("x", { kind: SpanKind.CLIENT });`,
    ``,
  ],
  [
    `import { captureEvent } from "land-telemetry"; import os, { cpus } from "node:os"; captureEvent("x", { n: cpus }); work(os);`,
    `import os from "node:os"; work(os);`,
  ],
  [
    `import { captureEvent } from "land-telemetry"; import { unused } from "node:os"; captureEvent("x");`,
    `import { unused } from "node:os";`,
  ],
  [
    `import { captureEvent } from "land-telemetry"; import { n } from "./mine.js"; captureEvent("x", { n });`,
    `import { n } from "./mine.js";`,
  ],
  [
    `import def, { captureEvent, stats } from "land-telemetry"; captureEvent(stats()); use(def);`,
    `import def from "land-telemetry"; use(def);`,
  ],
  [
    `import { captureEvent } from "land-telemetry"; import client from "posthog-js"; captureEvent(client.x);`,
    ``,
  ],
])("reduces the imports in %s, leaving %s", (code, expected) => expect(outOf(code)).toBe(expected));

it("maps what is left to its place in the source", () => {
  const source = `${IMPORTS}captureEvent("land:x", {\n  a: 1,\n});\nwithSpan("land:y", () => {\n  work();\n});\n`;
  const result = takeOut(source, "land-telemetry", "app.js");
  const lines = (result?.code ?? "").split("\n");
  const line = lines.findIndex((text) => text.includes("work()"));
  const map = new SourceMap(JSON.parse(result?.map.toString() ?? "") as SourceMapPayload);
  expect(map.findEntry(line, lines[line]?.indexOf("work") ?? 0)).toMatchObject({
    originalSource: "app.js",
    originalLine: 6,
    originalColumn: 2,
  });
});
