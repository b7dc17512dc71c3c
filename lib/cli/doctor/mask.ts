/** Characters of a secret that are shown at either end, enough to tell two keys apart. */
const SHOWN_BEFORE = 4;
const SHOWN_AFTER = 3;
const MIN_LENGTH = 16;

/** A secret that can be recognised by those who know it, and used by nobody. */
export function mask(secret: string): string {
  if (secret.length < MIN_LENGTH) return `${secret.slice(0, SHOWN_BEFORE)}…`;
  return `${secret.slice(0, SHOWN_BEFORE)}…${secret.slice(-SHOWN_AFTER)}`;
}

/** A URL without its password and the values of its query. */
export function maskUrl(text: string): string {
  if (!URL.canParse(text)) return text;
  const url = new URL(text);
  if (url.username === "" && url.password === "" && url.search === "") return text;
  if (url.username !== "") url.username = "…";
  if (url.password !== "") url.password = "…";
  for (const name of new Set(url.searchParams.keys())) url.searchParams.set(name, "…");
  return decodeURIComponent(url.href);
}
