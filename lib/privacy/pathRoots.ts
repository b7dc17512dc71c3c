import { Bit, has } from "./characters.js";
import { separatorLength, skipSeparators } from "./separators.js";

/** Directories that stand at the root of a file system; what begins with one is a path, whatever follows. */
const ROOTS = new Set(
  ("home users root tmp temp var etc opt usr mnt media srv private volumes applications library system proc sys dev boot bin sbin lib " +
    "lib32 lib64 snap nix run cygdrive workspace workspaces work works data projects project builds repos repo git code app export net " +
    "github runner documents desktop downloads windows programdata c d e").split(" "),
);

/** First segments of routes. */
const ROUTES = new Set(
  ("api rpc graphql batch health healthz livez readyz metrics status oauth oauth2 auth login logout rest static assets public capture decide " +
    "flags array socket.io ws sse events events.json").split(" "),
);
const METHODS = new Set("GET POST PUT PATCH DELETE HEAD OPTIONS CONNECT TRACE".split(" "));
const VERSION = /^v\d+[a-z0-9.]*$/;
const SERVICE = /^[A-Za-z_][\w.]*$/;
const METHOD = /^[A-Z]\w*$/;
const UPPER_FIRST = /^[A-Z]/;

/** Longest segment that is compared: longer ones are no well-known names. */
const MAX_SEGMENT = 80;

/** Whether a segment of a well-known root begins at `begin`, and another one follows. */
export function isPathRoot(text: string, begin: number): boolean {
  const end = segmentEnd(text, begin);
  if (separatorLength(text, end) === 0 || !ROOTS.has(text.slice(begin, end).toLowerCase())) return false;
  return has(text.charCodeAt(skipSeparators(text, end)), Bit.SegmentStart);
}

/** Whether a word is the method of a request, after which a route stands. */
export function isMethod(word: string): boolean {
  return METHODS.has(word);
}

/** Whether what begins at `begin` is the route of a request or the full name of a method, and not a file. */
export function isRoute(text: string, begin: number): boolean {
  const end = segmentEnd(text, begin);
  const first = text.slice(begin, end);
  if (ROUTES.has(first.toLowerCase()) || VERSION.test(first)) return true;
  const second = skipSeparators(text, end);
  const secondEnd = segmentEnd(text, second);
  if (text.charAt(second) === ":" || text.charAt(second) === "{" || text.charAt(second) === "*") return true;
  return separatorLength(text, secondEnd) === 0 && isService(first) && METHOD.test(text.slice(second, secondEnd));
}

/** `package.Service`, as gRPC writes it before the method. */
function isService(segment: string): boolean {
  if (!SERVICE.test(segment)) return false;
  const dot = segment.lastIndexOf(".");
  return UPPER_FIRST.test(segment.slice(dot + 1)) && (dot > 0 || segment.endsWith("Service"));
}

function segmentEnd(text: string, begin: number): number {
  const limit = Math.min(text.length, begin + MAX_SEGMENT);
  let index = begin;
  while (index < limit && separatorLength(text, index) === 0 && !has(text.charCodeAt(index), Bit.PathBoundary | Bit.PathStop)) index++;
  return index;
}
