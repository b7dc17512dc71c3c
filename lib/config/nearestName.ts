/** Longer names are nobody's typing mistake. */
const MAX_LENGTH = 40;
/** One change in so many letters is still the same word. */
const LETTERS_PER_CHANGE = 3;
/** A name that is written as Land's words are; most others are in capitals. */
const WORD = /^[A-Z]?[a-z]{2,}$/;
/** What the official clients call an option, and what it is called here. */
const ALIASES: Readonly<Record<string, string>> = {
  apihost: "host",
  apikey: "key",
  baseurl: "host",
  disabled: "enabled",
  timeoutmillis: "timeoutMs",
  url: "endpoint",
};

/** The known name (`group.option`, or an option alone) that was probably meant; its own group comes first. */
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

/** Which of Land's words a variable was probably meant to be: one with the same letters in another case, or nearly the same. */
export function nearestWord(name: string, words: readonly string[]): string | undefined {
  const isSame = (word: string): boolean => word.toLowerCase() === name.toLowerCase();
  return words.find(isSame) ?? (WORD.test(name) ? nearestName(name, words) : undefined);
}

function groupOf(name: string): string {
  return name.slice(0, name.lastIndexOf(".") + 1);
}

/** The option's own name, without the case and the signs by which spellings differ. */
function wordOf(name: string): string {
  return name
    .slice(name.lastIndexOf(".") + 1)
    .toLowerCase()
    .replace(/[-_]/g, "");
}

/** Letters to insert, delete or replace, or neighbours to exchange: Damerau's, in its restricted form. */
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
