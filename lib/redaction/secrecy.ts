import type { KeyHints } from "./Scan.js";
import { Text } from "./Text.js";
import { LOWER, Bit, has, HEADS, headOf, wellFormed } from "./characters.js";

/** What a key says about its value. */
export interface KeyVerdict {
  /** The key itself, without halves of surrogate pairs. */
  readonly name: string;
  /** The value passes as it is. */
  readonly allowed: boolean;
  /** The value is replaced whatever it is. */
  readonly denied: boolean;
  /** The value is a secret by the key's name. */
  readonly secrecy: Secrecy;
  /** The value is a query string without its question mark. */
  readonly query: boolean;
  readonly hints: KeyHints | undefined;
}

/** Never redacted: the person and the event as the other pipe knows them. */
const ALLOWED = ["posthog.distinct_id", "posthog.event", "distinct_id", "$distinct_id"];
/** Values that begin with a slash and are no paths. A gRPC method is known by its form, whatever its key. */
const ROUTE_KEYS = new Set("http.route url.path url.template http.target".split(" "));
/** Values that this package or its host chose, so that a user called Sky does not rename a tier. */
const NAMED_KEYS = new Set(
  (
    "land.tier service.name service.namespace $tier $component $app $lib os.type process.runtime.name telemetry.sdk.name telemetry.sdk.language " +
    "telemetry.distro.name rpc.system.name rpc.system error.type exception.type deployment.environment.name"
  ).split(" "),
);
const QUERY_KEYS = new Set(["url.query", "http.query", "querystring"]);
/** Keys are few; what is made up of data is not worth keeping. */
const MAX_KEYS = 2_000;

/** Decides by key, and remembers what it decided. */
export class KeyRules {
  readonly #verdicts = new Map<string, KeyVerdict>();
  readonly #allowed: ReadonlySet<string>;
  readonly #denied: ReadonlySet<string>;
  readonly #isOpen: boolean;

  /** `allowKeys`: the keys to allow, or that all are. */
  constructor(allowKeys: readonly string[] | "all", denyKeys: readonly string[] = []) {
    this.#isOpen = allowKeys === "all";
    this.#allowed = new Set([...ALLOWED, ...(allowKeys === "all" ? [] : allowKeys)].map(plain));
    this.#denied = new Set(denyKeys.map(plain));
  }

  verdict(key: string): KeyVerdict {
    const known = this.#verdicts.get(key);
    if (known !== undefined) return known;
    const verdict = this.#decide(key);
    if (this.#verdicts.size < MAX_KEYS) this.#verdicts.set(key, verdict);
    return verdict;
  }

  #decide(key: string): KeyVerdict {
    const whole = plain(key);
    const denied =
      this.#denied.has(whole) || this.#denied.has(whole.slice(whole.lastIndexOf(".") + 1));
    const allowed = !denied && (this.#isOpen || this.#allowed.has(whole));
    const route = ROUTE_KEYS.has(key);
    const named = NAMED_KEYS.has(key);
    const query = QUERY_KEYS.has(key);
    return {
      name: wellFormed(key),
      allowed,
      denied,
      secrecy: secrecyOf(key),
      query,
      hints: route || named ? { route, named } : undefined,
    };
  }
}

function plain(key: string): string {
  return key.toLowerCase().replace(/[-_]/g, "");
}

/** How much a name says about its value. */
export enum Secrecy {
  None,
  /** The value is a secret when it looks like one. */
  Weak,
  /** The value is a secret. */
  Strong,
}

const STRONG = (
  "password passwd pwd passphrase secret apikey secretkey accesskey accesskeyid privatekey accountkey sharedaccesskey encryptionkey signingkey " +
  "authorization cookie connectionstring authtoken accesstoken refreshtoken idtoken sessiontoken bearertoken securitytoken credentials credential clientsecret " +
  "sharedaccesssignature subscriptionkey jsessionid phpsessid aspnetsessionid connectsid"
).split(" ");
const WEAK = ["token", "pass", "auth", "sastoken", "dsn", "signature", "sig", "csrf"];

/** Names that are secret only as a whole, not as the ending of another. */
const WHOLE = new Set(["pass", "auth", "sastoken", "dsn", "sig", "csrf"]);

interface Ending {
  readonly name: string;
  readonly secrecy: Secrecy;
  readonly isWhole: boolean;
}

/** The names above by their last three letters, which decide about most words. */
const ENDINGS: Ending[][] = [[]];
const LAST_LETTERS = buildLastLetters();
/** Longest name that is looked at. */
export const MAX_NAME = 64;

/** Whether the word that ends at `end` can be the name of a secret: a cheap look before `secrecyAt`. */
export function mayNameSecret(text: Text, end: number): boolean {
  return end > 2 && LAST_LETTERS[lastThree(text, end)] !== 0;
}

/** The same for a word by the codes of its last three characters. */
export function endsLikeSecret(third: number, second: number, last: number): boolean {
  return LAST_LETTERS[headOf(third, second, last)] !== 0;
}

function buildLastLetters(): Uint8Array {
  const table = new Uint8Array(HEADS);
  const add = (secrecy: Secrecy) => (name: string) => {
    const place = lastThree(Text.of(name), name.length);
    if (table[place] === 0) table[place] = ENDINGS.push([]) - 1;
    ENDINGS[table[place] ?? 0]?.push({ name, secrecy, isWhole: WHOLE.has(name) });
  };
  STRONG.forEach(add(Secrecy.Strong));
  WEAK.forEach(add(Secrecy.Weak));
  return table;
}

function lastThree(text: Text, end: number): number {
  return headOf(text.at(end - 3), text.at(end - 2), text.at(end - 1));
}

/** What a name (of a key, a variable, a header) says about its value, without regard to case, `-`, `_` and `.`. */
function secrecyOf(name: string): Secrecy {
  return secrecyAt(Text.of(name), 0, name.length);
}

/** The same for the name that stands from `start` to `end` in a text, without cutting it out: this runs for every assignment. */
export function secrecyAt(text: Text, start: number, end: number): Secrecy {
  if (end - start < LETTERS_LOOKED_AT) return Secrecy.None;
  for (const { name, secrecy, isWhole } of ENDINGS[LAST_LETTERS[lastThree(text, end)] ?? 0] ?? []) {
    const from = endingStart(text, start, end, name);
    if (from !== -1 && (!isWhole || text.skipBack(from, start, Bit.Joiner) === start))
      return secrecy;
  }
  return Secrecy.None;
}

const LETTERS_LOOKED_AT = 3;

/** Where the words of `name` begin that end at `end`, whatever joins them; -1 when they do not stand there. */
function endingStart(text: Text, start: number, end: number, name: string): number {
  let index = end;
  for (let letter = name.length - 1; letter >= 0; letter--) {
    index = text.skipBack(index, start, Bit.Joiner) - 1;
    if (index < start || (text.at(index) | LOWER) !== name.charCodeAt(letter)) return -1;
  }
  return index;
}

/** Shortest value that a weak name makes a secret. */
const MIN_SECRET = 8;
/** As much of a value as is looked at to tell a secret from a word. */
export const MAX_LOOK = 64;

/** Whether a value could be a secret: long enough, letters and digits in one. */
export function looksSecret(value: string): boolean {
  return looksSecretAt(Text.of(value), 0, value.length);
}

/** The same for the value that stands from `start` to `end` in a text. */
export function looksSecretAt(text: Text, start: number, end: number): boolean {
  return (
    end - start >= MIN_SECRET &&
    holds(text, start, end, Bit.Digit) &&
    holds(text, start, end, Bit.AsciiLetter)
  );
}

/** Whether what begins at `start`, however long it is, could be a secret. */
export function mayBeSecretAt(text: Text, start: number, to: number): boolean {
  return looksSecretAt(text, start, Math.min(to, start + MAX_LOOK));
}

/** Whether the beginning of a value has a digit. */
export function hasDigitAt(text: Text, start: number, end: number): boolean {
  return holds(text, start, end, Bit.Digit);
}

function holds(text: Text, start: number, end: number, bits: number): boolean {
  const limit = Math.min(end, start + MAX_LOOK);
  for (let index = start; index < limit; index++) if (has(text.at(index), bits)) return true;
  return false;
}
