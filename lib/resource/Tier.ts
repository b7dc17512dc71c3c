/**
 * The processes ("tiers") of Land that send telemetry. The values are those of `land.tier`, `$tier` and the
 * `<tier>` in names such as `land:<tier>:error`.
 */
export const Tier = {
  /** The native shell, written in Rust, which starts the others. */
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
  /** Code shared by several tiers, when it runs on its own. */
  Common: "common",
  /** The extension host, a Node process. */
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
