import { segmentsOf, spellings } from "./KnownPlaces.js";
import type { Scan, Rule } from "./Scan.js";
import type { Text } from "./Text.js";
import { Code, Bit, has, goesOn } from "./characters.js";

const USER = "<user>";

/** The user's name as a whole word; the scanner asks at the start of a word. */
export function userRule(spelling: string): Rule {
  return (scan, index) => {
    if (scan.hints?.named === true || !scan.text.hasFolded(index, spelling)) return false;
    const end = index + spelling.length;
    return !goesOn(scan.text.at(end)) && scan.found(index, end, USER);
  };
}

const MIN_LETTERS = 3;
const LETTERS = /\p{L}/gu;
/** Directories in which home directories lie; the name of one below is the user's. */
const HOLDERS = new Set(["home", "users", "documents and settings", "export", "people"]);

/**
 * Account names that belong to nobody: machines, images and build servers have them, and they are words of
 * every second trace (`node:internal`, `root span`).
 */
const IMPERSONAL = new Set(
  (
    "root node admin administrator runner runneradmin ubuntu debian fedora centos alpine ec2-user azureuser vagrant vscode codespace gitpod docker jenkins " +
    "buildkite circleci travis nobody daemon system guest user users default test tests dev developer app application build builder git code land service " +
    "worker container public shared www-data postgres oracle nonroot main home"
  ).split(" "),
);

/** The spellings of the names by which the user is known, of at least three letters and not impersonal. */
export function userSpellings(
  user: string | undefined,
  homes: readonly string[],
): readonly string[] {
  const names = [...homes.map(ownerOf), user].filter(
    (name) => name !== undefined && isPersonal(name),
  );
  return [
    ...new Set(
      names.flatMap((name) => spellings(name ?? "")).map((name) => name.replace(/^[\s_.\\-]+/, "")),
    ),
  ];
}

function isPersonal(name: string): boolean {
  return (name.match(LETTERS)?.length ?? 0) >= MIN_LETTERS && !IMPERSONAL.has(name.toLowerCase());
}

function ownerOf(home: string): string | undefined {
  const segments = segmentsOf(home);
  const holder = segments.at(-2);
  return holder !== undefined && HOLDERS.has(holder.toLowerCase()) ? segments.at(-1) : undefined;
}

const EMAIL = "<email>";
const SHORTEST_TOP = 2;
/** Last parts of file names that are no top-level domain, so that `chunk@next.js` is no address. */
const EXTENSIONS = new Set("js mjs cjs ts mts cts tsx jsx json css map node html wasm".split(" "));
const VERSION = /^v?\d+\.\d/;
const TOP_LEVEL = /^[a-z\u0080-\uffff][a-z0-9\u0080-\uffff-]+$/i;
/** Longest domain there is. */
const MAX_DOMAIN = 253;

/** An e-mail address whose `@`, `length` characters of it (`%40` has three), is at `index`. */
export function matchEmail(scan: Scan, index: number, length: number): boolean {
  const { text } = scan;
  const start = text.skipBack(index, Math.max(scan.last, scan.localFloor), Bit.Local);
  scan.localFloor = index + length;
  if (start === index) return false;
  const end = domainEnd(text, index + length, Math.min(scan.to, index + length + MAX_DOMAIN));
  return end !== -1 && scan.found(quoteless(text, start), end, EMAIL);
}

function domainEnd(text: Text, from: number, limit: number): number {
  let end = text.skip(from, limit, Bit.Domain);
  while (end > from && !has(text.at(end - 1), Bit.Word)) end--;
  if (!hasDot(text, from, end)) return -1;
  const domain = text.source.slice(from, end);
  const dot = domain.lastIndexOf(".");
  if (dot < 1 || domain.charCodeAt(0) === Code.Dot) return -1;
  const top = domain.slice(dot + 1);
  if (!TOP_LEVEL.test(top) || EXTENSIONS.has(top.toLowerCase()) || VERSION.test(domain)) return -1;
  return end;
}

/** Whether a dot stands before the two last characters, and not at the beginning: a look before the domain is cut out. */
function hasDot(text: Text, from: number, end: number): boolean {
  for (let index = end - SHORTEST_TOP - 1; index > from; index--)
    if (text.at(index) === Code.Dot) return true;
  return false;
}

/** An address in single quotes: the quote could begin a local part, but does not. */
function quoteless(text: Text, start: number): number {
  return text.source.charAt(start) === "'" ? start + 1 : start;
}
