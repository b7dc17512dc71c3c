import type { KeyRules, KeyVerdict } from "./KeyRules.js";
import { REDACTED, SECRET } from "./labels.js";
import type { OwnRules } from "./ownRules.js";
import type { Redactor, ResourceLike, ScopeLike } from "./Redactor.js";
import { ValueCopier } from "./redactValue.js";
import type { KeyHints } from "./Scan.js";
import type { Scanner } from "./Scanner.js";
import { looksSecret, Secrecy } from "./secretNames.js";
import { isTrusted } from "./trusted.js";

const QUERY = "<query>";

/** The redactor that looks into every value. */
export class ScanningRedactor implements Redactor {
  readonly #scanner: Scanner;
  readonly #keys: KeyRules;
  readonly #own: OwnRules | undefined;
  readonly #resources = new WeakMap<object, object>();
  readonly #scopes = new WeakMap<object, object>();

  /** Rules of the caller's own can say something else each time. */
  readonly repeats: boolean;

  constructor(scanner: Scanner, keys: KeyRules, own: OwnRules | undefined) {
    this.repeats = own === undefined;
    this.#scanner = scanner;
    this.#keys = keys;
    this.#own = own;
  }

  text(value: string, key?: string): string {
    // A span that another library made can hold anything where a text belongs.
    if (typeof (value as unknown) !== "string") return REDACTED;
    return key === undefined
      ? this.#plain(value)
      : this.#keyed(value, key, this.#keys.verdict(key));
  }

  value(value: unknown, key?: string): unknown {
    if (typeof value === "string") return this.text(value, key);
    if (typeof value === "number" || typeof value === "boolean")
      return key !== undefined && this.#keys.verdict(key).denied ? REDACTED : value;
    try {
      return new ValueCopier(this.#keys, (text, name) => this.text(text, name)).copy(value, key);
    } catch {
      return REDACTED;
    }
  }

  attributes<T extends object>(attributes: T): T {
    try {
      return this.#attributes(attributes);
    } catch {
      // A getter or a proxy that throws: each member is then read with care.
      const copy = this.value(attributes);
      return (typeof copy === "object" ? copy : {}) as T;
    }
  }

  #attributes<T extends object>(attributes: T): T {
    let copy: Record<string, unknown> | undefined;
    const source = attributes as Record<string, unknown>;
    for (const key in source) {
      const value = source[key];
      const redacted = this.attribute(key, value);
      if (redacted === value) continue;
      copy ??= { ...source };
      // An own member of the copy, `__proto__` too: the assignment calls no setter.
      copy[key] = redacted;
    }
    return copy === undefined ? attributes : (copy as T);
  }

  stack(text: string): string {
    return this.text(text);
  }

  resource<T extends ResourceLike>(resource: T): T {
    const known = this.#resources.get(resource);
    if (known !== undefined) return known as T;
    const attributes = this.attributes(resource.attributes);
    const redacted =
      attributes === resource.attributes ? resource : withAttributes(resource, attributes);
    // What a detector still has to find out is not there yet; it is looked for again.
    if (resource.asyncAttributesPending !== true) this.#resources.set(resource, redacted);
    return redacted as T;
  }

  scope<T extends ScopeLike>(scope: T): T {
    const known = this.#scopes.get(scope);
    if (known !== undefined) return known as T;
    const name = this.#plain(scope.name);
    const version = scope.version === undefined ? undefined : this.#plain(scope.version);
    const attributes = scope.attributes && this.attributes(scope.attributes);
    const isSame =
      name === scope.name && version === scope.version && attributes === scope.attributes;
    const redacted = isSame
      ? scope
      : {
          ...scope,
          name,
          ...(version === undefined ? {} : { version }),
          ...(attributes === undefined ? {} : { attributes }),
        };
    this.#scopes.set(scope, redacted);
    return redacted;
  }

  #plain(value: string): string {
    const text = this.#scan(value, undefined);
    return this.#finish(value, text, undefined);
  }

  #keyed(value: string, key: string, verdict: KeyVerdict): string {
    if (verdict.denied) return REDACTED;
    if (verdict.allowed) return value;
    let text = this.#scan(value, verdict.hints);
    if (value !== "" && (verdict.query || verdict.secrecy === Secrecy.Strong))
      text = verdict.query ? QUERY : SECRET;
    else if (verdict.secrecy === Secrecy.Weak && looksSecret(value)) text = SECRET;
    return this.#finish(value, text, key);
  }

  #scan(value: string, hints: KeyHints | undefined): string {
    try {
      return this.#scanner.redact(value, hints);
    } catch {
      return REDACTED;
    }
  }

  /** The caller's own rules come last; a trusted text is given back as it was. */
  #finish(value: string, text: string, key: string | undefined): string {
    if (this.#own !== undefined) return isTrusted(value) ? value : this.#own(text, key);
    return text !== value && isTrusted(value) ? value : text;
  }

  attribute(key: string, value: unknown): unknown {
    const verdict = this.#keys.verdict(key);
    if (typeof value === "string") return this.#keyed(value, key, verdict);
    if (verdict.denied && value !== undefined) return REDACTED;
    if (verdict.allowed || typeof value !== "object" || value === null) return value;
    return isUnchangedList(value, key, this) ? value : this.value(value, key);
  }
}

/** Longer lists are copied as far as other values are. */
const MAX_LIST = 1_000;

/** A list of plain values that redaction leaves as they are, as most are: it needs no copy. */
function isUnchangedList(value: object, key: string, redactor: Redactor): boolean {
  if (!Array.isArray(value) || value.length > MAX_LIST) return false;
  return (value as readonly unknown[]).every((item) =>
    typeof item === "string"
      ? redactor.text(item, key) === item
      : typeof item !== "object" || item === null,
  );
}

function withAttributes(resource: ResourceLike, attributes: object): object {
  const { schemaUrl } = resource;
  const redacted: object = {
    attributes,
    ...(schemaUrl === undefined ? {} : { schemaUrl }),
    asyncAttributesPending: false,
    // A merge would bring the original's values back.
    merge: () => redacted,
    getRawAttributes: () => Object.entries(attributes),
  };
  return redacted;
}
