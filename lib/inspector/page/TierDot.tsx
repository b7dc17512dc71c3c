/** Tiers with their own colour in the style sheet. */
const NAMED =
  "mountain air echo rest grove mist sidecar common cocoon wind sky worker output build".split(" ");
/** The tiers whose colours all other tiers share. */
const SPARE = ["echo", "grove", "mist", "worker", "output", "build"];

/** The colour of a tier, always the same for the same name. Only known names become part of a style. */
export function tierColour(tier: string): string {
  let sum = 0;
  for (let i = 0; i < tier.length; i++) sum = (sum * 31 + tier.charCodeAt(i)) % 1_000_003;
  return `var(--tier-${NAMED.includes(tier) ? tier : (SPARE[sum % SPARE.length] ?? "common")})`;
}

/** A dot in the tier's colour. The tier's name must be shown next to it. */
export function TierDot({ tier }: { readonly tier: string }) {
  return <span class="dot" style={{ background: tierColour(tier) }} />;
}

export function TierDots({ tiers }: { readonly tiers: readonly string[] }) {
  const dots = tiers.map((tier) => <TierDot tier={tier} />);
  return <span class="dots">{dots}</span>;
}
