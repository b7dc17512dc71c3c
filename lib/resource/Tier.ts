/**
 * The processes ("tiers") of Land that send telemetry. The value is what `land.tier`, `$tier` and the
 * names `land:<tier>:…` carry.
 */
export const Tier = {
  /** The native shell, in Rust, which starts the others. */
  Mountain: "mountain",
  /** A background sidecar. */
  Air: "air",
  /** A background sidecar. */
  Echo: "echo",
  /** A background sidecar. */
  Rest: "rest",
  /** A background sidecar. */
  Grove: "grove",
  /** A background sidecar. */
  Mist: "mist",
  /** Any other background process. */
  Sidecar: "sidecar",
  /** Code that several tiers share, where it runs on its own. */
  Common: "common",
  /** The extension host, in Node. */
  Cocoon: "cocoon",
  /** The services of the webview's page. */
  Wind: "wind",
  /** The webview's page. */
  Sky: "sky",
  /** A worker of the webview. */
  Worker: "worker",
  /** A program that serves what was built. */
  Output: "output",
  /** A build. */
  Build: "build",
} as const;

/** One of the values of {@link Tier}. */
export type Tier = (typeof Tier)[keyof typeof Tier];

const TIERS: ReadonlySet<unknown> = new Set(Object.values(Tier));

/** Whether a value from outside the type system names a tier. */
export function isTier(value: unknown): value is Tier {
  return TIERS.has(value);
}
