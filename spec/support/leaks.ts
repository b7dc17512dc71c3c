/** Something planted, and the words of it that must not leak. */
export interface Planted {
  readonly kind: string;
  readonly secrets: readonly string[];
}

/** The secrets left in some bytes, unchanged or as JSON writes them, each with its surroundings. */
export function leaks(bytes: string, planted: readonly Planted[]): string[] {
  const kinds = new Map(
    planted.flatMap(({ kind, secrets }) =>
      secrets
        .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)])
        .map((word) => [word, kind]),
    ),
  );
  return [...wordsIn(bytes, [...kinds.keys()])].map(([word, at]) => {
    const around = bytes.slice(Math.max(0, at - 120), at + word.length + 60);
    return `${kinds.get(word)}: ${word} in ${around}`;
  });
}

/** The number of leading characters by which a word is looked up. */
const HEAD = 3;

/** The words that a long text holds, and where each first occurs: one pass instead of one for each word. */
function wordsIn(text: string, words: readonly string[]): Map<string, number> {
  const found = new Map<string, number>();
  const byHead = new Map<number, string[]>();
  for (const word of words) {
    if (word.length < HEAD) {
      if (text.includes(word)) found.set(word, text.indexOf(word));
      continue;
    }
    const head = headAt(word, 0);
    byHead.set(head, [...(byHead.get(head) ?? []), word]);
  }
  const isHead = new Uint8Array(0x1_0000);
  for (const head of byHead.keys()) isHead[head] = 1;
  for (let at = 0; at + HEAD <= text.length; at++) {
    const head = headAt(text, at);
    if (isHead[head] === 0) continue;
    for (const word of byHead.get(head) ?? [])
      if (text.startsWith(word, at) && !found.has(word)) found.set(word, at);
  }
  return found;
}

function headAt(text: string, at: number): number {
  return (
    (text.charCodeAt(at) * 961 + text.charCodeAt(at + 1) * 31 + text.charCodeAt(at + 2)) & 0xffff
  );
}
