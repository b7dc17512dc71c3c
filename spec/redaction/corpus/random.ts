/** Numbers that look random but are the same for the same seed (mulberry32). */
export function randomOf(seed: string | number): () => number {
  let state = typeof seed === "number" ? seed : hashOf(seed);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** FNV-1a. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text)
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return hash >>> 0;
}

export type Half = "tuned" | "unseen";

/** The half that a case belongs to, by its name: the rules are tuned on one, the figures come from the other. */
export function halfOf(name: string): Half {
  return randomOf(`redaction ${name}`)() < 0.5 ? "tuned" : "unseen";
}

export function pick<T>(items: readonly T[], random: () => number): T {
  return items[Math.floor(random() * items.length)] as T;
}

const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER = UPPER.toLowerCase();
const DIGITS = "0123456789";
const ALPHABETS: Readonly<Record<string, string>> = {
  A: UPPER + LOWER + DIGITS,
  L: UPPER + LOWER,
  z: UPPER + LOWER,
  U: UPPER + DIGITS,
  l: LOWER + DIGITS,
  T: `${UPPER}${LOWER}${DIGITS}_-`,
  B: `${UPPER}${LOWER}${DIGITS}+/`,
  h: `${DIGITS}abcdef`,
  x: `${DIGITS}abcdef`,
  X: `${DIGITS}ABCDEF`,
  D: DIGITS,
};

/** Draws a value of a form such as `ghp_{A36}`. */
export function drawForm(form: string, random: () => number): string {
  return form
    .replaceAll("{uuid}", "{x8}-{x4}-4{x3}-a{x3}-{x12}")
    .replaceAll("\\n", "\n")
    .replaceAll(/\{([A-Za-z])(\d+)\}/g, (_, letter: string, count: string) =>
      Array.from({ length: Number(count) }, () =>
        pick(Array.from(ALPHABETS[letter] ?? ""), random),
      ).join(""),
    );
}
