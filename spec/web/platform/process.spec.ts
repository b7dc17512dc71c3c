import { digest } from "../../../lib/web/platform/shared/digest.js";
import { process as page } from "../../../lib/web/platform/process.js";

function inBrowser(navigator: object): void {
  Object.defineProperty(globalThis, "navigator", { value: navigator, configurable: true });
}
const theirs = Object.getOwnPropertyDescriptor(globalThis, "navigator");
afterAll(() => {
  if (theirs === undefined) Reflect.deleteProperty(globalThis, "navigator");
  else Object.defineProperty(globalThis, "navigator", theirs);
});

it.each([
  [{ userAgentData: { platform: "Windows" }, platform: "Linux x86_64" }, "win32"],
  [{ platform: "Win32" }, "win32"],
  [{ platform: "MacIntel" }, "darwin"],
  [{ platform: "iPhone" }, "darwin"],
  [{ userAgentData: { platform: "Android" } }, "android"],
  [{ platform: "Linux x86_64" }, "linux"],
  [{ platform: "BeOS" }, "unknown"],
  [{}, "unknown"],
])("names the platform of a browser that reports %j as Node would: %s", (navigator, platform) => {
  inBrowser(navigator);
  expect(page.platform).toBe(platform);
});

it("reads one clock, in seconds and nanoseconds or in nanoseconds alone", () => {
  const now = jest.spyOn(performance, "now").mockReturnValue(12_345.5);
  expect([page.hrtime(), page.hrtime.bigint()]).toEqual([[12, 345_500_000], 12_345_500_000n]);
  now.mockRestore();
});

it("makes 256 bits from an id, always the same for the same id", () => {
  const ids = Array.from({ length: 1_000 }, (_, n) => `id-${n}`);
  const digests = ids.map(digest);
  expect(new Set(digests).size).toBe(ids.length);
  for (const each of digests) expect(each).toMatch(/^[0-9a-f]{64}$/);
  expect(digests).toEqual(ids.map(digest));
  // Events with one id must keep one identity in every version of a page, so 32-bit FNV-1a comes first.
  expect(digest("a").slice(0, 8)).toBe("e40c292c");
});
