import { types } from "node:util";
import { isObject } from "../shared/isObject.js";
import type { OwnRules } from "./createRedactor.js";
import type { KeyRules, KeyVerdict } from "./Names.js";
import { SECRET, secretRule } from "./matchSecret.js";
import type { Find, KeyHints } from "./Search.js";
import { wellFormed } from "./tables/characters.js";
import type { TextRedactor } from "./TextRedactor.js";
import { isTrusted } from "./trusted.js";
import { countOf, numberOf, readable, REDACTED, ValueCopier } from "./ValueCopier.js";

const QUERY = "<query>";
/** Longer lists are copied and cut like other values. */
const MAX_LIST = 1_000;
/** A string that can be a name rather than a sentence. */
const NAME = /^[\w.$[\]-]{2,64}$/;

/** The part of a resource that is read; fits SDK 2.x and 3.x. */
interface ResourceLike {
  readonly attributes: object;
  readonly asyncAttributesPending?: boolean;
  readonly schemaUrl?: string;
}

/** The part of an instrumentation scope that is read; newer SDK lines have attributes. */
interface ScopeLike {
  readonly name: string;
  readonly version?: string;
  readonly schemaUrl?: string;
  readonly attributes?: object;
  readonly droppedAttributesCount?: number;
}

/** The parts of a redactor; without a text redactor nothing is redacted. */
export interface RedactorParts {
  readonly text: TextRedactor | undefined;
  readonly keys: KeyRules;
}

/**
 * Removes from a value what must not be sent. Never throws and never changes its input. The parts of a span are also
 * made valid for both OTLP serializers, whatever the host put there.
 */
export class Redactor {
  readonly #make: () => RedactorParts;
  #made: RedactorParts | undefined;
  readonly #own: OwnRules | undefined;
  readonly #resources = new WeakMap<object, object>();
  readonly #scopes = new WeakMap<object, object>();
  readonly #counts = new Map<string, number>();

  constructor(make: () => RedactorParts, own: OwnRules | undefined) {
    this.#make = make;
    this.#own = own;
  }

  /** Building the tables takes several milliseconds, too long for a start, so they are built for the first string. */
  get #parts(): RedactorParts {
    return (this.#made ??= this.#make());
  }

  get #keys(): KeyRules {
    return this.#parts.keys;
  }

  /** How often each rule has removed something. */
  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  /** The finds in a string, to explain what is redacted and why. */
  explain(value: string, key?: string): readonly Find[] {
    return (
      this.#parts.text?.search(
        value,
        key === undefined ? undefined : this.#keys.verdict(key).hints,
      ) ?? []
    );
  }

  /** One string; the same string when nothing was found. `key` is the attribute or property it belongs to. */
  text(value: string, key?: string): string {
    // A span from another library can hold anything where a string belongs.
    if (typeof (value as unknown) !== "string") return REDACTED;
    return key === undefined
      ? this.#finish(value, this.#search(value, undefined), undefined)
      : this.#keyed(value, key, this.#keys.verdict(key));
  }

  /** Whether the key is denied, so that its value is never sent. */
  isDenied(key: string): boolean {
    return this.#keys.verdict(key).denied;
  }

  /**
   * Any value: objects, arrays, maps, sets and errors come back as plain copies, bounded in depth and size, with every
   * string redacted, including the keys of nested objects. What cannot be read becomes `<redacted>`.
   */
  value(value: unknown, key?: string): unknown {
    if (typeof value === "string") return this.text(value, key);
    const copier = new ValueCopier(this, this.#keys, false);
    // Even without redaction, the copy has to be representable in JSON.
    return this.#parts.text === undefined ? copier.open(value) : copier.copy(value, key);
  }

  /**
   * The attributes of a span, event, link, resource or scope, redacted and valid in OTLP; the same object if nothing
   * changed.
   */
  attributes<T extends object>(attributes: T): T {
    if (!isObject(attributes)) return {} as T;
    try {
      // A proxy may return something else on a second read.
      if (types.isProxy(attributes)) throw new TypeError("a proxy");
      return this.#attributes(attributes as Record<string, unknown>) as T;
    } catch {
      // A proxy, or a getter that throws: each member is then read on its own.
      const copy = new ValueCopier(this, this.#keys, true).copy(attributes, undefined);
      return (isObject(copy) ? copy : {}) as T;
    }
  }

  /** A redacted copy of a resource, made once for each because the serializers group spans by resource identity. */
  resource<T extends ResourceLike>(resource: T): T {
    const known = this.#resources.get(resource);
    if (known !== undefined) return known as T;
    const source = readable(resource);
    const attributes = this.attributes(source.attributes);
    const copy = {
      attributes,
      schemaUrl: urlOf(source.schemaUrl),
      asyncAttributesPending: false,
      // A merge would bring the original's values back.
      merge: () => copy,
      getRawAttributes: () => Object.entries(attributes),
    } as unknown as T;
    // Attributes that a detector has yet to resolve are missing from the copy, so it is not cached.
    if (source.asyncAttributesPending !== true && isObject(resource))
      this.#resources.set(resource, copy);
    return copy;
  }

  /** A copy of an instrumentation scope with redacted name, version and attributes, made once for each. */
  scope<T extends ScopeLike>(scope: T): T {
    const known = this.#scopes.get(scope);
    if (known !== undefined) return known as T;
    const { name, version, schemaUrl, attributes, droppedAttributesCount } =
      readable<ScopeLike>(scope);
    const copy = {
      name: this.text(name),
      version: version === undefined ? undefined : this.text(version),
      schemaUrl: urlOf(schemaUrl),
      attributes: attributes && this.attributes(attributes),
      droppedAttributesCount: droppedAttributesCount && countOf(droppedAttributesCount),
    } as unknown as T;
    if (isObject(scope)) this.#scopes.set(scope, copy);
    return copy;
  }

  #attributes(source: Readonly<Record<string, unknown>>): object {
    let copy: Record<string, unknown> | undefined;
    for (const key in source) {
      const value = source[key];
      const verdict = this.#keys.verdict(key);
      const redacted = this.#attribute(key, value, verdict);
      const isDropped = redacted === undefined;
      if (redacted === value && verdict.name === key && !isDropped) continue;
      copy ??= { ...source };
      if (isDropped || verdict.name !== key) Reflect.deleteProperty(copy, key);
      // The copy has this as its own member, even `__proto__`, so the assignment calls no setter.
      if (!isDropped) copy[verdict.name] = redacted;
    }
    return copy ?? source;
  }

  #attribute(key: string, value: unknown, verdict: KeyVerdict): unknown {
    if (typeof value === "string") return this.#keyed(value, key, verdict);
    if (verdict.denied && value !== undefined) return REDACTED;
    if (typeof value === "number") return numberOf(value);
    if (typeof value === "boolean" || value === null) return value;
    if (Array.isArray(value) && this.#isUnchanged(key, value, verdict)) return value;
    return new ValueCopier(this, this.#keys, true).copy(value, key);
  }

  /** Whether a list of plain values stays as it is, as most do, and so needs no copy. */
  #isUnchanged(key: string, list: readonly unknown[], verdict: KeyVerdict): boolean {
    return (
      (list.length <= MAX_LIST || this.#parts.text === undefined) &&
      list.every(
        (item, index) =>
          !isObject(item) &&
          item !== undefined &&
          this.beside(list[index - 1], item, list.length) === undefined &&
          this.#attribute(key, item, verdict) === item,
      )
    );
  }

  /** The rule that makes a string secret because of the string before it: `["--password", "…"]`; else undefined. */
  beside(before: unknown, value: unknown, length: number): string | undefined {
    if (typeof before !== "string" || typeof value !== "string") return undefined;
    const { text, keys } = this.#parts;
    if (
      text === undefined ||
      !NAME.test(before) ||
      value === before ||
      value === "" ||
      value.startsWith("-")
    )
      return undefined;
    const isFlag = before.startsWith("-");
    const { secret } = keys.verdict(before);
    return secret && secretRule(secret, value, isFlag || length === 2);
  }

  /** Counts that a rule removed something, and returns the label that replaces it. */
  replaced(rule: string, label: string): string {
    this.#counts.set(rule, (this.#counts.get(rule) ?? 0) + 1);
    return label;
  }

  #keyed(value: string, key: string, verdict: KeyVerdict): string {
    if (verdict.denied) return this.replaced("key.denied", REDACTED);
    if (verdict.allowed) return wellFormed(value);
    const rule = verdict.query
      ? "key.query"
      : verdict.secret && secretRule(verdict.secret, value, true);
    if (value === "" || rule === undefined || this.#parts.text?.rules.kept.has(rule) === true)
      return this.#finish(value, this.#search(value, verdict.hints), key);
    return this.#finish(value, this.replaced(rule, verdict.query ? QUERY : SECRET), key);
  }

  #search(value: string, hints: KeyHints | undefined): string {
    const { text } = this.#parts;
    if (text === undefined) return value;
    try {
      const finds = text.search(value, hints);
      for (const { rule, label } of finds) this.replaced(rule, label);
      return text.replace(value, finds);
    } catch {
      return REDACTED;
    }
  }

  /** Applies the caller's own rules, which come last; a trusted string is returned as it was. */
  #finish(value: string, text: string, key: string | undefined): string {
    if ((this.#own !== undefined || text !== value) && isTrusted(value)) return wellFormed(value);
    return wellFormed(this.#own?.(text, key) ?? text);
  }
}

function urlOf(value: unknown): string | undefined {
  return typeof value === "string" ? wellFormed(value) : undefined;
}
