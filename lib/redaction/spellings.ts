import type { Text } from "./Text.js";

/** Names this short have no short Windows spelling of their own. */
const DOS_LENGTH = 8;
const DOS_STEM = 6;

/**
 * The spellings of one name, in lower case: as it is, percent-encoded once and twice, in both Unicode normal
 * forms, with `+` for blanks, with `\u` escapes, and the short name that Windows gives it (`JANEDO~1`).
 */
export function spellings(name: string): readonly string[] {
  const found = new Set<string>();
  for (const form of [name, name.normalize("NFC"), name.normalize("NFD")]) {
    found.add(form.toLowerCase());
    found.add(encode(form).toLowerCase());
    found.add(encode(encode(form)).toLowerCase());
    found.add(encode(form).replaceAll("%20", "+").toLowerCase());
    // JSON as many languages write it, in ASCII alone.
    found.add(form.replaceAll(/[^\0-\x7f]/g, escaped).toLowerCase());
    found.add(form.toLowerCase().replaceAll(/[^\0-\x7f]/g, escaped));
    found.add(
      form
        .toUpperCase()
        .replaceAll(/[^\0-\x7f]/g, escaped)
        .toLowerCase(),
    );
  }
  const short = name.replace(/[\s."/\\[\]:;=,+]/g, "");
  if (name.length > DOS_LENGTH || short !== name) {
    for (const number of "1234")
      for (const tilde of ["~", "%7e"])
        found.add(`${short.slice(0, DOS_STEM)}${tilde}${number}`.toLowerCase());
  }
  return [...found];
}

function escaped(letter: string): string {
  return `\\u${letter.charCodeAt(0).toString(16).padStart(UNICODE_DIGITS, "0")}`;
}

const UNICODE_DIGITS = 4;

function encode(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    // A lone surrogate cannot be encoded, nor then occur encoded.
    return text;
  }
}

const ASCII = 128;
const UPPER_A = 65;
const UPPER_Z = 90;
const LOWER = 32;
/** The one sign outside ASCII that is an ASCII letter in lower case: the Kelvin sign. */
const KELVIN = 0x212a;

/** Whether `text` holds `lowered` at `index`, without regard to case. */
export function startsWithFolded(text: Text, index: number, lowered: string): boolean {
  const { length } = lowered;
  if (index + length > text.length) return false;
  for (let offset = 0; offset < length; offset++) {
    const code = text.at(index + offset);
    const wanted = lowered.charCodeAt(offset);
    if (code === wanted) continue;
    if (code >= ASCII && wanted < ASCII && code !== KELVIN) return false;
    if (code >= ASCII) return text.source.slice(index, index + length).toLowerCase() === lowered;
    if (code < UPPER_A || code > UPPER_Z || (code | LOWER) !== wanted) return false;
  }
  return true;
}
