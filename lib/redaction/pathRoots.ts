import { Bit, has } from "./characters.js";
import { separatorLength, skipSeparators } from "./separators.js";
import { startsWithFolded } from "./spellings.js";
import { tableOfBits } from "./tables.js";
import type { Text } from "./Text.js";

/** Directories that stand at the root of a file system; what begins with one is a path, whatever follows. */
const ROOTS = new Set(
  (
    "home users root tmp temp var etc opt usr mnt media srv private volumes applications library system proc sys dev boot bin sbin lib " +
    "lib32 lib64 snap nix run cygdrive workspace workspaces work works data projects project builds repos repo git code app export net " +
    "github runner documents desktop downloads windows programdata c d e"
  ).split(" "),
);

/** First segments of routes. */
const ROUTES = new Set(
  (
    "api rpc graphql batch health healthz livez readyz metrics status oauth oauth2 auth login logout rest static assets public capture decide " +
    "flags array socket.io ws sse events events.json"
  ).split(" "),
);
const METHODS = new Set("GET POST PUT PATCH DELETE HEAD OPTIONS CONNECT TRACE".split(" "));
/** What a first segment of at most this many characters means, in lower case. */
const MEANINGS = new Map<string, "root" | "route">([
  ...[...ROOTS].map((name) => [name, "root"] as const),
  ...[...ROUTES].map((name) => [name, "route"] as const),
]);
const ASCII = 128;
/** The characters that these begin with, in both cases: most segments are not cut out to be compared. */
const STARTS = new Uint8Array(ASCII);
for (const name of MEANINGS.keys())
  STARTS[name.charCodeAt(0)] = STARTS[name.toUpperCase().charCodeAt(0)] = 1;
const LONGEST_NAME = 13;
const SHORTEST_NAME = 1;
const V = 118;
const VERSION = /^v\d+[a-z0-9.]*$/;
const SERVICE = /^[A-Za-z_][\w.]*$/;
const METHOD = /^[A-Z]\w*$/;
const UPPER_FIRST = /^[A-Z]/;

/** Longest segment that is compared: longer ones are no well-known names. */
const MAX_SEGMENT = 80;

/** Whether no separator follows the segment from `begin` to `end`; false for one too long to be followed. */
export function isLastSegment(text: Text, begin: number, end: number): boolean {
  return end - begin < MAX_SEGMENT && separatorLength(text, end) === 0;
}

/** Whether a segment of a well-known root begins at `begin`, and another one follows. */
export function isPathRoot(text: Text, begin: number, end = segmentEnd(text, begin)): boolean {
  if (separatorLength(text, end) === 0 || meaning(text, begin, end) !== "root") return false;
  return has(text.at(skipSeparators(text, end)), Bit.SegmentStart);
}

function meaning(text: Text, begin: number, end: number): "root" | "route" | undefined {
  const length = end - begin;
  if (length < SHORTEST_NAME || length > LONGEST_NAME || STARTS[text.at(begin)] !== 1)
    return undefined;
  if (length === lastName.length && startsWithFolded(text, begin, lastName)) return lastMeaning;
  const name = text.source.slice(begin, end).toLowerCase();
  const found = MEANINGS.get(name);
  if (found !== undefined) {
    lastName = name;
    lastMeaning = found;
  }
  return found;
}

/** The name that was found last: most paths of a process begin alike. */
let lastName = "";
let lastMeaning: "root" | "route" | undefined;

const COLON = 58;
const BRACE = 123;
const STAR = 42;

/** Whether a word is the method of a request, after which a route stands. */
export function isMethod(word: string): boolean {
  return METHODS.has(word);
}

/** Whether what begins at `begin` is the route of a request or the full name of a method, and not a file. */
export function isRoute(text: Text, begin: number, end: number): boolean {
  if (
    meaning(text, begin, end) === "route" ||
    (text.at(begin) === V && VERSION.test(text.source.slice(begin, end)))
  )
    return true;
  const second = skipSeparators(text, end);
  const sign = text.at(second);
  if (sign === COLON || sign === BRACE || sign === STAR) return true;
  if (!has(sign, Bit.Upper)) return false;
  const secondEnd = segmentEnd(text, second);
  return (
    separatorLength(text, secondEnd) === 0 &&
    isService(text.source.slice(begin, end)) &&
    METHOD.test(text.source.slice(second, secondEnd))
  );
}

/** `package.Service`, as gRPC writes it before the method. */
function isService(segment: string): boolean {
  if (!SERVICE.test(segment)) return false;
  const dot = segment.lastIndexOf(".");
  return UPPER_FIRST.test(segment.slice(dot + 1)) && (dot > 0 || segment.endsWith("Service"));
}

/** What may end a segment. */
const MARKS = tableOfBits(Bit.PathBoundary | Bit.PathStop | Bit.PathMark);

/** Where the segment ends that begins at `begin`, or where it is too long to be a well-known name. */
export function segmentEnd(text: Text, begin: number): number {
  const limit = Math.min(text.length, begin + MAX_SEGMENT);
  let index = text.find(begin, limit, MARKS);
  while (
    index < limit &&
    separatorLength(text, index) === 0 &&
    !has(text.at(index), Bit.PathBoundary | Bit.PathStop)
  )
    index = text.find(index + 1, limit, MARKS);
  return index;
}
