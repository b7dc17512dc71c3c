import { headOf, HEADS } from "./Heads.js";

/** How much a name says about its value. */
export const Secrecy = {
  None: 0,
  /** The value is a secret when it looks like one. */
  Weak: 1,
  /** The value is a secret. */
  Strong: 2,
} as const;
export type Secrecy = (typeof Secrecy)[keyof typeof Secrecy];

const STRONG = (
  "password passwd pwd passphrase secret apikey secretkey accesskey accesskeyid privatekey accountkey sharedaccesskey encryptionkey signingkey " +
  "authorization cookie connectionstring authtoken accesstoken refreshtoken idtoken sessiontoken bearertoken securitytoken credentials credential clientsecret"
).split(" ");
const WEAK = ["token", "pass", "auth", "sastoken", "dsn"];

/** The last three letters of the names above: most names are decided by them alone. */
const LAST_LETTERS = buildLastLetters();
/** Longest name that is looked at. */
export const MAX_NAME = 64;

/** Whether the word that ends at `end` can be the name of a secret: a cheap look before `secrecyOf`. */
export function mayNameSecret(text: string, end: number): boolean {
  return end > 2 && LAST_LETTERS[lastThree(text, end)] === 1;
}

function buildLastLetters(): Uint8Array {
  const table = new Uint8Array(HEADS);
  for (const name of [...STRONG, ...WEAK]) table[lastThree(name, name.length)] = 1;
  return table;
}

function lastThree(text: string, end: number): number {
  return headOf(text.charCodeAt(end - 3), text.charCodeAt(end - 2), text.charCodeAt(end - 1));
}

/** What a name (of a key, a variable, a header) says about its value, without regard to case, `-`, `_` and `.`. */
export function secrecyOf(name: string): Secrecy {
  const lowered = name.toLowerCase();
  if (!mayNameSecret(lowered, lowered.length)) return Secrecy.None;
  const plain = lowered.replace(/[-_.[\]]/g, "");
  if (STRONG.some((ending) => plain.endsWith(ending))) return Secrecy.Strong;
  return WEAK.some((ending) => plain === ending || (ending === "token" && plain.endsWith(ending))) ? Secrecy.Weak : Secrecy.None;
}

/** Shortest value that a weak name makes a secret. */
const MIN_SECRET = 8;
const DIGIT = /\d/;
const LETTER = /[A-Za-z]/;
/** As much of a value as is looked at to tell a secret from a word. */
const MAX_LOOK = 64;

/** Whether a value could be a secret: long enough, letters and digits in one. */
export function looksSecret(value: string): boolean {
  const look = value.slice(0, MAX_LOOK);
  return look.length >= MIN_SECRET && DIGIT.test(look) && LETTER.test(look);
}
