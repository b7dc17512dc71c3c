/** A longer name is not taken for a typing mistake. */
const MAX_LENGTH = 40;
/** With at most one change per this many letters, a name is still taken for the same word. */
const LETTERS_PER_CHANGE = 3;
/** A name in the style of Land's words; most other variables are in capitals. */
const WORD = /^[A-Z]?[a-z]{2,}$/;
/** The names that official clients use for an option, and its name here. */
const ALIASES: Readonly<Record<string, string>> = {
  apihost: "host",
  apikey: "key",
  baseurl: "host",
  disabled: "enabled",
  timeoutmillis: "timeoutMs",
  url: "endpoint",
};

/** The known name (`group.option`, or an option alone) that was probably meant; its own group is preferred. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const wanted = ALIASES[wordOf(name)] ?? wordOf(name);
  if (wanted.length > MAX_LENGTH) return undefined;
  let best: string | undefined;
  let least = Math.floor(wanted.length / LETTERS_PER_CHANGE) + 1;
  const isOwn = (each: string): boolean => groupOf(each) === groupOf(name);
  for (const each of [...known.filter(isOwn), ...known.filter((other) => !isOwn(other))]) {
    const distance = editDistance(wordOf(wanted), wordOf(each));
    if (distance >= least) continue;
    least = distance;
    best = each;
  }
  return best;
}

/** The Land word that a variable was probably meant to be: one that differs only in case, or by a few letters. */
export function nearestWord(name: string, words: readonly string[]): string | undefined {
  const isSame = (word: string): boolean => word.toLowerCase() === name.toLowerCase();
  return words.find(isSame) ?? (WORD.test(name) ? nearestName(name, words) : undefined);
}

function groupOf(name: string): string {
  return name.slice(0, name.lastIndexOf(".") + 1);
}

/** The option's own name in lower case, without hyphens and underscores. */
function wordOf(name: string): string {
  return name
    .slice(name.lastIndexOf(".") + 1)
    .toLowerCase()
    .replace(/[-_]/g, "");
}

/** Restricted Damerau–Levenshtein distance: letters inserted, deleted or replaced, and neighbours swapped. */
function editDistance(a: string, b: string): number {
  let beforeThat: readonly number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_each, index) => index);
  for (let i = 0; i < a.length; i++) {
    const row = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replaced = (previous[j] ?? 0) + (a[i] === b[j] ? 0 : 1);
      const isExchanged = j > 0 && a[i] === b[j - 1] && a[i - 1] === b[j];
      const exchanged = isExchanged ? (beforeThat[j - 1] ?? 0) + 1 : Infinity;
      row.push(Math.min(replaced, exchanged, (previous[j + 1] ?? 0) + 1, (row[j] ?? 0) + 1));
    }
    beforeThat = previous;
    previous = row;
  }
  return previous[b.length] ?? 0;
}
