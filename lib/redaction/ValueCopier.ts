import { types } from "node:util";
import { attempt } from "../shared/attempt.js";
import { isObject } from "../shared/isObject.js";
import { readMember } from "../shared/readMember.js";
import type { KeyRules } from "./Names.js";
import { SECRET } from "./matchSecret.js";
import type { Redactor } from "./Redactor.js";
import { wellFormed } from "./tables/characters.js";
import { Strength } from "./tables/names.js";
import { isTrusted } from "./trusted.js";

/** Levels of nesting that are copied. */
const MAX_DEPTH = 12;
/** Members of one value that are copied, all levels together. */
const MAX_MEMBERS = 5_000;
export const REDACTED = "<redacted>";
const DEEP = "<deep>";
const MORE = "<more>";
const CIRCULAR = "<circular>";
const BINARY = "<binary>";
/** What `toString` returns for an object that has none of its own. */
const PLAIN = "[object Object]";
/** `{ name: "password", value: "…" }`, the form of many lists of headers, variables and parameters. */
const NAMING_MEMBERS = new Set(["name", "key", "header", "field", "id", "k"]);
const VALUE_MEMBERS = new Set(["value", "val", "content", "v"]);
const ERROR_MEMBERS = ["name", "message", "stack", "code", "cause", "errors"];
const MAX_UINT32 = 0xffff_ffff;

/** Copies one value of any kind with every string redacted. Each instance is used once. */
export class ValueCopier {
  readonly #redactor: Redactor;
  readonly #keys: KeyRules;
  /** Whether the copy also has to be valid in OTLP, allowed and trusted values included. */
  readonly #isOtlp: boolean;
  readonly #above = new Set<object>();
  #members = 0;
  /** Whether the current value is allowed or trusted, and therefore not redacted. */
  #isOpen = false;

  constructor(redactor: Redactor, keys: KeyRules, isOtlp: boolean) {
    this.#redactor = redactor;
    this.#keys = keys;
    this.#isOtlp = isOtlp;
  }

  copy(value: unknown, key: string | undefined): unknown {
    if (key !== undefined && !this.#isOpen) {
      const verdict = this.#keys.verdict(key);
      if (verdict.denied) return this.#redactor.replaced("key.denied", REDACTED);
      if (verdict.allowed) return this.open(value);
      const { secret } = verdict;
      if (secret !== undefined && secret.strength <= Strength.Header && isObject(value))
        return this.#redactor.replaced(secret.rule, REDACTED);
    }
    switch (typeof value) {
      case "string":
        return this.#text(value, key);
      case "number":
        return this.#isOtlp ? numberOf(value) : value;
      case "bigint":
        return value.toString();
      case "function":
      case "symbol":
        return undefined;
      default:
    }
    if (!isObject(value)) return value;
    if (!this.#isOpen && isTrusted(value)) return this.open(value);
    if (this.#above.has(value)) return CIRCULAR;
    if (this.#above.size >= MAX_DEPTH) return DEEP;
    this.#above.add(value);
    try {
      return this.#object(value, key);
    } catch {
      // A proxy or getter threw: nothing is known about the value, so nothing of it is sent.
      return REDACTED;
    } finally {
      this.#above.delete(value);
    }
  }

  /** A copy that is not redacted. */
  open(value: unknown): unknown {
    this.#isOpen = true;
    const copy = this.copy(value, undefined);
    this.#isOpen = false;
    return copy;
  }

  #text(text: string, key: string | undefined): string {
    return this.#isOpen ? wellFormed(text) : this.#redactor.text(text, key);
  }

  #object(value: object, key: string | undefined): unknown {
    if (Array.isArray(value)) return this.#list(value as readonly unknown[], key, value.length);
    if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value))
      return this.#isOpen && this.#isOtlp && value instanceof Uint8Array ? value : BINARY;
    if (types.isDate(value)) return new Date(value.getTime()).toJSON();
    if (types.isStringObject(value) || types.isRegExp(value)) return this.#text(String(value), key);
    if (types.isNumberObject(value)) return this.copy(Number.prototype.valueOf.call(value), key);
    if (types.isBooleanObject(value)) return Boolean.prototype.valueOf.call(value);
    if (types.isBigIntObject(value)) return BigInt.prototype.toString.call(value);
    if (types.isSet(value)) return this.#list(value, key, value.size);
    if (types.isMap(value)) return this.#entries(value);
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON === "function")
      return this.copy((toJSON as (key: string) => unknown).call(value, key ?? ""), key);
    const tag = readMember(value, Symbol.toStringTag);
    if (tag === "Headers" || tag === "FormData" || tag === "URLSearchParams")
      return this.#entries(value as Iterable<readonly [string, unknown]>);
    const copy = this.#entries(membersOf(value));
    if (Object.keys(copy).length > 0) return copy;
    // A value without members may still have a string form: a class with `toString`, or `[object Promise]`.
    const text = attempt((): unknown => (value as { toString(): unknown }).toString());
    return typeof text !== "string" || text === PLAIN ? copy : this.#text(text, key);
  }

  #list(values: Iterable<unknown>, key: string | undefined, length: number): unknown[] {
    const copy: unknown[] = [];
    let before: unknown;
    for (const item of values) {
      if (++this.#members > MAX_MEMBERS) {
        copy.push(MORE);
        break;
      }
      const rule = this.#isOpen ? undefined : this.#redactor.beside(before, item, length);
      before = item;
      copy.push(rule === undefined ? this.copy(item, key) : this.#redactor.replaced(rule, SECRET));
    }
    return copy;
  }

  #entries(entries: Iterable<readonly [unknown, unknown]>): Record<string, unknown> {
    const copy: Record<string, unknown> = {};
    let named: unknown;
    for (const [rawKey, value] of entries) {
      const key =
        typeof rawKey === "string"
          ? rawKey
          : typeof rawKey === "number"
            ? String(rawKey)
            : typeof rawKey;
      if (++this.#members > MAX_MEMBERS) {
        setMember(copy, MORE, true);
        break;
      }
      const rule =
        VALUE_MEMBERS.has(key) && !this.#isOpen
          ? this.#redactor.beside(named, value, 2)
          : undefined;
      if (NAMING_MEMBERS.has(key)) named = value;
      const member =
        rule === undefined ? this.copy(value, key) : this.#redactor.replaced(rule, SECRET);
      // The keys of the outermost object are names; those of nested objects can be data.
      const name = this.#above.size > 1 ? this.#text(key, undefined) : wellFormed(key);
      if (member !== undefined) setMember(copy, name, member);
    }
    return copy;
  }
}

/**
 * A number that both OTLP serializers write faithfully, else its string. JSON has neither NaN nor infinities. An unsafe
 * integer would be an int64 with its exact digits in protobuf, but in JSON the digits that JavaScript prints. Those may
 * be another number, exceed int64 or have an exponent, in which case a collector refuses the whole request.
 */
export function numberOf(value: number): number | string {
  return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value))
    ? value
    : String(value);
}

/** A count as OTLP carries it, a uint32; 0 for anything that is no count. */
export function countOf(value: unknown): number {
  return Number.isInteger(value) && (value as number) >= 0
    ? Math.min(value as number, MAX_UINT32)
    : 0;
}

/** A view of an object that is safe to read: a getter that throws gives `<redacted>`. Members of `own` come first. */
export function readable<T extends object>(source: T, own: Partial<T> = {}): T {
  const get = (_: object, name: string): unknown =>
    name in own ? own[name as keyof T] : read(source, name);
  return new Proxy({}, { get }) as T;
}

function* membersOf(value: object): Iterable<readonly [string, unknown]> {
  if ("stack" in value)
    for (const name of ERROR_MEMBERS) if (name in value) yield [name, read(value, name)];
  for (const name of Object.keys(value)) yield [name, read(value, name)];
}

function read(value: object, name: string): unknown {
  try {
    return (value as Record<string, unknown>)[name];
  } catch {
    return REDACTED;
  }
}

/** Sets an own member of any name: assigning to `__proto__` would change the object's prototype. */
function setMember(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name === "__proto__")
    Object.defineProperty(target, name, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  else target[name] = value;
}
