import { FORMATS, NAMES, PLACES } from "./printedForms.js";
import { BY_SERVICE, GITLEAKS, OTHERS, TRUFFLEHOG } from "./publishedForms.js";
import type { Half } from "./random.js";
import { drawForm, halfOf, pick, randomOf } from "./random.js";

/** A text that holds a secret, and where it comes from. */
export interface Case {
  readonly kind: "token" | "service" | "format" | "place";
  readonly name: string;
  readonly text: string;
  readonly secret: string;
}

const SAMPLES = 3;
/** Sentences around a token that is recognisable on its own. */
const AROUND: readonly ((token: string) => string)[] = [
  (token) => token,
  (token) => `request failed with ${token} after 3 tries`,
  (token) => `{"value":"${token}"}`,
  (token) => `x = '${token}';`,
  (token) => `(${token})`,
  (token) => `first\n${token}\nlast`,
];
/** How the name of a service and the kind of a value are printed before the value. */
const NAMED: readonly ((service: string, what: string, value: string) => string)[] = [
  (service, what, value) => `${service}_${what} = "${value}"`,
  (service, what, value) => `${service.toUpperCase()}_${what.toUpperCase()}=${value}`,
  (service, what, value) => `"${service}_${what}": "${value}",`,
  (service, what, value) => `${camel(service, what)}: '${value}'`,
  (service, what, value) => `${camel(service, what)} := "${value}"`,
  (service, what, value) => `'${service}-${what}' => '${value}',`,
];
const WHAT = "api_key token secret access_token secret_key key auth_token client_secret".split(" ");

function camel(service: string, what: string): string {
  return service + what.replaceAll(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function rows(table: string): string[][] {
  return table
    .trim()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split(" "));
}

/** Tokens of published forms, a few samples of each, in one of the sentences. */
function tokens(half: Half): Case[] {
  return rows(GITLEAKS + TRUFFLEHOG + OTHERS)
    .map(([name = "", ...form]) => ({ name, form: form.join(" ") }))
    .filter(({ name }) => halfOf(name) === half)
    .flatMap(({ name, form }) =>
      Array.from({ length: SAMPLES }, (_, sample) => {
        const random = randomOf(`${name} ${sample}`);
        const secret = drawForm(form, random);
        // In a URL, the path is the secret.
        return {
          kind: "token" as const,
          name,
          secret: secret.replace(/^https:\/\/[^/]+/, ""),
          text: pick(AROUND, random)(secret),
        };
      }),
    );
}

/** Values that only the service's name makes recognisable. */
function services(half: Half): Case[] {
  return rows(BY_SERVICE)
    .filter(([name = ""]) => halfOf(name) === half)
    .flatMap(([name = "", service = "", form = ""]) =>
      Array.from({ length: SAMPLES }, (_, sample) => {
        const random = randomOf(`${name} ${sample}`);
        const secret = drawForm(form, random);
        const text = pick(NAMED, random)(service, pick(WHAT, random), secret);
        return { kind: "service" as const, name, secret, text };
      }),
    );
}

/** Passwords and keys as people and generators make them; those with blanks or marks appear only in quotes. */
const VALUES = [
  "{A16}",
  "{A24}",
  "{x32}",
  "{B40}",
  "tulip{D4}",
  "Garden-{l6}-{D2}",
  "{A6}!{A5}@{A4}",
  "{A8}_{A4}.{A4}",
];
const QUOTED_VALUES = [
  ...VALUES,
  "correct horse {l6} staple",
  "{A6} {A6}",
  "{A5},{A5};{A4}",
  "{A4}${D2}&{A8}",
];

/** Every name of a secret in every format in which it is printed. */
function formats(half: Half): Case[] {
  return Object.entries(FORMATS).flatMap(([format, { print, quoted }]) =>
    NAMES.map((name) => ({ name, id: `${format} / ${name}` }))
      .filter(({ id }) => halfOf(id) === half)
      .map(({ name, id }) => {
        const random = randomOf(id);
        const secret = drawForm(pick(quoted === true ? QUOTED_VALUES : VALUES, random), random);
        return { kind: "format" as const, name: id, secret, text: print(name, secret) };
      }),
  );
}

/** Secrets in places of their own in commands, protocols and files. */
function places(half: Half): Case[] {
  return Object.entries(PLACES).flatMap(([name, print]) =>
    Array.from({ length: SAMPLES }, (_, sample) => ({ sample, id: `${name} / ${sample}` }))
      .filter(({ id }) => halfOf(id) === half)
      .map(({ id }) => {
        const random = randomOf(id);
        const secret = drawForm(
          pick(["{A16}", "tulip{D4}", "Garden-{l6}-{D2}", "{A24}"], random),
          random,
        );
        const text = print(secret);
        // If it is printed encoded, the encoded form is the secret.
        const shown = text.includes(secret) ? secret : text.match(/[\w+/]{12,}=*/g)?.at(-1);
        return { kind: "place" as const, name, secret: shown ?? secret, text };
      }),
  );
}

/** One half of the corpus. */
export function recallCases(half: Half): Case[] {
  return [...tokens(half), ...services(half), ...formats(half), ...places(half)];
}

/** The number of adjacent characters of a secret that must not be left. */
const WINDOW = 8;

/** Whether enough of the secret is left for someone to use it. */
export function isLeft(output: string, secret: string): boolean {
  if (secret.length <= WINDOW) return output.includes(secret);
  for (let at = 0; at + WINDOW <= secret.length; at++) {
    const part = secret.slice(at, at + WINDOW);
    // The fixed words of a webhook's URL and of a form reveal nothing.
    if (/\d/.test(part) && /[A-Za-z]/.test(part) && !/[/:,]/.test(part) && output.includes(part))
      return true;
  }
  return output.includes(secret);
}
