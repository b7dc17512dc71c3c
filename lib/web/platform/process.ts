import { types } from "./node/util.js";

const NS_PER_MS = 1_000_000;

/** Time since the page began, in nanoseconds. */
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

/** Node's names for the platforms that browsers report under other names. */
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

/** The parts of Node's `process` that the shared code uses, as far as a browser knows them. */
export const process = {
  /** A page has no environment; its settings come from the variables that `readPage` collects. */
  env: {} as Readonly<Record<string, string | undefined>>,
  argv: [] as readonly string[],
  pid: 0,
  get platform(): string {
    return platform();
  },
  /** Browsers report nothing that can be relied on. */
  arch: "unknown",
  version: undefined,
  versions: {},
  hrtime,
  getBuiltinModule: (name: string): unknown => (name === "node:util" ? { types } : undefined),
};
