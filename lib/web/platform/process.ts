import { types } from "./node/util.js";

const NS_PER_MS = 1_000_000;

/** Since the page began, in nanoseconds. */
function elapsed(): bigint {
  return BigInt(Math.floor(performance.now() * NS_PER_MS));
}

function hrtime(): [number, number] {
  const ms = performance.now();
  return [Math.floor(ms / 1_000), Math.floor((ms % 1_000) * NS_PER_MS)];
}
hrtime.bigint = elapsed;

interface Client {
  readonly userAgentData?: { readonly platform?: string };
  readonly platform?: string;
}

/** Node's words for the systems that a browser names in its own. */
const PLATFORMS = [
  [/win/i, "win32"],
  [/mac|iphone|ipad/i, "darwin"],
  [/android/i, "android"],
  [/linux/i, "linux"],
] as const;

function platform(): string {
  const { userAgentData, platform: said = "" } = globalThis.navigator as Client;
  const name = userAgentData?.platform ?? said;
  return PLATFORMS.find(([pattern]) => pattern.test(name))?.[1] ?? "unknown";
}

/** What the shared code asks of Node's `process`, as far as a browser knows it. */
export const process = {
  /** A page has no environment; `readEnvironment` gives it to those who read settings. */
  env: {} as Readonly<Record<string, string | undefined>>,
  argv: [] as readonly string[],
  pid: 0,
  get platform(): string {
    return platform();
  },
  /** Browsers say nothing that can be relied on. */
  arch: "unknown",
  version: undefined,
  versions: {},
  hrtime,
  getBuiltinModule: (name: string): unknown => (name === "node:util" ? { types } : undefined),
};
