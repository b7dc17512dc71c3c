/** Tiers that have a colour of their own in the style sheet. */
const NAMED: ReadonlySet<string> = new Set([
  "mountain",
  "air",
  "echo",
  "rest",
  "grove",
  "mist",
  "sidecar",
  "common",
  "cocoon",
  "wind",
  "sky",
  "worker",
  "output",
  "build",
]);
/** Colours for all others. */
const SPARE = ["echo", "grove", "mist", "worker", "output", "build"] as const;

/** The colour of a tier, the same at every look. Only names we know become part of a style. */
export function tierColour(tier: string): string {
  return `var(--tier-${NAMED.has(tier) ? tier : spare(tier)})`;
}

function spare(tier: string): string {
  let sum = 0;
  for (let i = 0; i < tier.length; i++) sum = (sum * 31 + tier.charCodeAt(i)) % 1_000_003;
  return SPARE[sum % SPARE.length] ?? "common";
}

/** A dot of the tier's colour; its name has to stand beside it. */
export function tierDot(tier: string): HTMLElement {
  const dot = document.createElement("span");
  dot.className = "dot";
  dot.style.background = tierColour(tier);
  return dot;
}
