/**
 * The processes ("tiers") of Land that send telemetry. The value is what `land.tier`, `$tier` and the
 * names `land:<tier>:…` carry.
 */
export const Tier = {
  Mountain: "mountain",
  Air: "air",
  Echo: "echo",
  Rest: "rest",
  Grove: "grove",
  Mist: "mist",
  Sidecar: "sidecar",
  Common: "common",
  Cocoon: "cocoon",
  Wind: "wind",
  Sky: "sky",
  Worker: "worker",
  Output: "output",
  Build: "build",
} as const;

/** One of the values of {@link Tier}. */
export type Tier = (typeof Tier)[keyof typeof Tier];

const TIERS: ReadonlySet<unknown> = new Set(Object.values(Tier));

/** Whether a value from outside the type system names a tier. */
export function isTier(value: unknown): value is Tier {
  return TIERS.has(value);
}
