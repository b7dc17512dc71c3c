import { buildSync } from "esbuild";
import { join } from "node:path";
import type * as Room from "../../lib/plugin/takeOut";

// In one CommonJS file, since jest does not load the ES modules among the plugin's dependencies.
const outfile = join(__dirname, "../../.cache/takeOut.cjs");
buildSync({ entryPoints: [join(__dirname, "../../lib/plugin/takeOut.ts")], bundle: true, platform: "node", format: "cjs", mainFields: ["module", "main"], outfile });
// eslint-disable-next-line @typescript-eslint/no-require-imports -- built a moment ago
const { takeOut } = require(outfile) as typeof Room;

const IMPORTS = `import { withSpan, traceHandler, captureEvent, register, inject, flush, Tier } from "land-telemetry";\nimport { serverInterceptor } from "land-telemetry/grpc";\n`;
const out = (code: string): string | undefined => takeOut(IMPORTS + code, "land-telemetry")?.code.replaceAll(/\s+/g, " ").trim();

it.each([
  [`const a = withSpan("land:cocoon:x", () => work());`, `const a = work();`],
  [`withSpan("land:cocoon:x", fn); function fn() {}`, `fn(); function fn() {}`],
  [`class A { run() { return withSpan("x", () => this.go()); } }`, `class A { run() { return this.go(); } }`],
  [`export const h = traceHandler("x", function () { return this; });`, `export const h = function () { return this; };`],
  [`traceHandler("x", service.run)();`, `;(0, service.run)();`],
  [`captureEvent("land:x", { at: Date.now() });`, ``],
  [`captureEvent("land:x", { count: next() });`, `;({ count: next() }, void 0);`],
  [`/* @__PURE__ */ inject({}); work();`, `work();`],
  [`const telemetry = register(Tier.Cocoon);`, ``],
  [`new Server({ interceptors: [serverInterceptor(), other] });`, `new Server({ interceptors: [other] });`],
  [`if (busy) captureEvent("x");`, `if (busy) ;`],
  [`await flush();`, ``],
])("%s becomes %s", (code, expected) => expect(out(code)).toBe(expected));

it("leaves a local of the same name alone", () => {
  expect(out(`function f(captureEvent) { captureEvent("mine"); }`)).toContain(`captureEvent("mine")`);
});

it("keeps the span for a function that looks at it, without the name", () => {
  expect(out(`withSpan("land:x", (span) => span.end());`)).toBe(`import { withSpan } from "land-telemetry"; withSpan("", (span) => span.end());`);
});
