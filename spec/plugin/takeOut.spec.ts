import { buildSync } from "esbuild";
import type { SourceMapPayload } from "node:module";
import { SourceMap } from "node:module";
import { join } from "node:path";
import type * as TakeOut from "../../lib/plugin/takeOut";

// In one CommonJS file, since jest does not load the ES modules among the plugin's dependencies.
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

it("leaves a local of the same name alone", () => {
  expect(out(`function f(captureEvent) { captureEvent("mine"); }`)).toContain(
    `captureEvent("mine")`,
  );
});

it("keeps the span for a function that looks at it, without the name", () => {
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
])("finds the calls of %s", (code, expected) => expect(outOf(code)).toBe(expected));

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
])("of the imports in %s leaves %s", (code, expected) => expect(outOf(code)).toBe(expected));

it("maps what is left to where it was", () => {
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
