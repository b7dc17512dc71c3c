import { endOf } from "./matchToken.js";
import type { Rule } from "./Rules.js";
import { Code, GOES_ON, isSeparator, isWord } from "./tables/characters.js";
import { COMMON_NAMES, HOLDERS, IMPERSONAL } from "./tables/places.js";

/** Names up to this length have no separate short name on Windows (`JANEDO~1`). */
const DOS_LENGTH = 8;
const DOS_STEM = 6;
const SEPARATORS = "[\\\\/]+";
const ENDS_SEGMENT = `(?![${GOES_ON}_-]|\\.[${GOES_ON}])`;
const ENDS_WORD = `(?![${GOES_ON}])`;
const MIN_LETTERS = 3;
/** Shorter names occur in too much other text. */
const MIN_RARE = 4;

/** The known directories and user names of this process, as patterns that are built once from all their spellings. */
export class KnownPlaces {
  /** Home directories; those of one segment (`/root`) are apart, since inside a relative path they are common words. */
  readonly homes: RegExp | undefined;
  readonly shallowHomes: RegExp | undefined;
  readonly application: RegExp | undefined;
  /** The users' names, and those among them that are neither short nor common words. */
  readonly users: RegExp | undefined;
  readonly rareUsers: RegExp | undefined;
  /** The first three characters of each spelling of the users' names. */
  readonly userHeads: readonly string[];
  /** The characters, in both cases, with which the first segment of a home directory can begin. */
  readonly #homeStarts: ReadonlySet<string>;

  constructor(
    homes: readonly string[],
    applicationRoot: string | undefined,
    login: string | undefined,
  ) {
    const places = homes.map(segmentsOf);
    this.homes = placePattern(places.filter(({ length }) => length > 1));
    this.shallowHomes = placePattern(places.filter(({ length }) => length === 1));
    this.#homeStarts = new Set(
      places.flatMap(([first = ""]) => [
        first.charAt(0).toLowerCase(),
        first.charAt(0).toUpperCase(),
      ]),
    );
    const root = segmentsOf(applicationRoot ?? "");
    // A root that contains a home directory would let every path of its user through.
    const isHolder = places.some((home) =>
      root.every((segment, index) => isSame(home[index], segment)),
    );
    this.application = placePattern(isHolder || root.length === 0 ? [] : [root]);
    const names = [...places.map(ownerOf), login].filter(
      (name) => name !== undefined && isPersonal(name),
    ) as string[];
    const isRare = (name: string): boolean =>
      name.length >= MIN_RARE && !COMMON_NAMES.has(name.toLowerCase());
    this.users = namePattern(names);
    this.rareUsers = namePattern(names.filter(isRare));
    this.userHeads = names
      .flatMap(spellings)
      .flatMap((form) =>
        [form, form.toLowerCase(), form.toUpperCase()].flatMap((own) => [
          own,
          own.replaceAll(" ", "+"),
        ]),
      )
      .map((form) => form.slice(0, MIN_LETTERS).replaceAll(" ", "\0"));
  }

  /** Whether a segment that begins with this character can be the first of a home directory. */
  mayBeHome(character: string): boolean {
    return this.#homeStarts.has(character);
  }
}

function isSame(one: string | undefined, other: string): boolean {
  return one?.toLowerCase() === other.toLowerCase();
}

/** The segments of an absolute path, without its drive. */
function segmentsOf(path: string): readonly string[] {
  return path
    .replace(/^[A-Za-z]:/, "")
    .split(/[\\/]+/)
    .filter((segment) => segment !== "" && segment !== ".");
}

function ownerOf(segments: readonly string[]): string | undefined {
  const holder = segments.at(-2)?.toLowerCase();
  return holder !== undefined && HOLDERS.has(holder) ? segments.at(-1) : undefined;
}

function isPersonal(name: string): boolean {
  return (name.match(/\p{L}/gu)?.length ?? 0) >= MIN_LETTERS && !IMPERSONAL.has(name.toLowerCase());
}

/** A name as it is, in both Unicode normal forms, and as the short names that Windows may give it. */
function spellings(name: string): readonly string[] {
  const short = name.replace(/[\s."/\\[\]:;=,+]/g, "");
  const hasShort = name.length > DOS_LENGTH || short !== name;
  const dos = hasShort ? Array.from("1234", (n) => `${short.slice(0, DOS_STEM)}~${n}`) : [];
  return [name, name.normalize("NFC"), name.normalize("NFD"), ...dos].map((form) =>
    form.replace(/^[\s_.\\-]+/, ""),
  );
}

/** A pattern for any spelling of the name; its spaces can also be `+`, as in form encoding. */
function spelled(name: string): string {
  const escaped = spellings(name).map((form) =>
    form.replace(/[$.*+?|()[\]{}^\\/]/g, "\\$&").replaceAll(" ", "[ +]"),
  );
  return `(?:${[...new Set(escaped)].join("|")})`;
}

function namePattern(names: readonly string[]): RegExp | undefined {
  if (names.length === 0) return undefined;
  return new RegExp(`(?:${names.map(spelled).join("|")})${ENDS_WORD}`, "iy");
}

function placePattern(places: readonly (readonly string[])[]): RegExp | undefined {
  if (places.length === 0) return undefined;
  const forms = places.map((segments) => SEPARATORS + segments.map(spelled).join(SEPARATORS));
  return new RegExp(`(?:${forms.join("|")})${ENDS_SEGMENT}`, "iy");
}

/** The user's name as a whole word; a short or common one only in a path or an address. */
export const matchUser: Rule = (search, index) => {
  const { text, hints } = search;
  const { users, rareUsers } = search.rules.places;
  if (hints?.named === true) return false;
  const before = text.charCodeAt(index - 1);
  let end = rareUsers === undefined ? -1 : endOf(rareUsers, text, index);
  // A member with that name: `list.filter(`.
  if (end !== -1 && before === Code.Dot && isWord(text.charCodeAt(index - 2))) end = -1;
  if (end === -1 && users !== undefined) {
    end = endOf(users, text, index);
    if (end !== -1 && !isSeparator(before) && text.charCodeAt(end) !== Code.At) end = -1;
  }
  return end !== -1 && search.found("user", index, end);
};
