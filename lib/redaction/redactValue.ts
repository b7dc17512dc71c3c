import { isObject } from "../shared/isObject.js";
import { REDACTED } from "./labels.js";
import type { KeyRules } from "./KeyRules.js";
import { Secrecy } from "./secretNames.js";
import { isTrusted } from "./trusted.js";

/** Levels of nesting that are followed. */
const MAX_DEPTH = 12;
/** Members of one value, on all levels together. */
const MAX_MEMBERS = 5_000;
const DEEP = "<deep>";
const MORE = "<more>";
const CIRCULAR = "<circular>";
const BINARY = "<binary>";
const ERROR_MEMBERS = ["name", "message", "stack", "code", "cause", "errors"];

/** How `ValueCopier` redacts a string. */
export type RedactText = (text: string, key: string | undefined) => string;

/** Copies one value, whatever it is, with every string redacted. Used once. */
export class ValueCopier {
  readonly #keys: KeyRules;
  readonly #text: RedactText;
  readonly #above = new Set<object>();
  #members = 0;

  constructor(keys: KeyRules, text: RedactText) {
    this.#keys = keys;
    this.#text = text;
  }

  copy(value: unknown, key: string | undefined): unknown {
    if (key !== undefined) {
      const verdict = this.#keys.verdict(key);
      if (verdict.denied) return REDACTED;
      if (verdict.allowed) return value;
      if (verdict.secrecy === Secrecy.Strong && isObject(value)) return REDACTED;
    }
    if (typeof value === "string") return this.#text(value, key);
    if (typeof value === "bigint") return value.toString();
    if (typeof value === "function" || typeof value === "symbol") return undefined;
    if (!isObject(value) || isTrusted(value)) return value;
    if (this.#above.has(value)) return CIRCULAR;
    if (this.#above.size >= MAX_DEPTH) return DEEP;
    this.#above.add(value);
    try {
      return this.#object(value, key);
    } catch {
      // A proxy or getter that throws: nothing is known of the value, so nothing of it leaves.
      return REDACTED;
    } finally {
      this.#above.delete(value);
    }
  }

  #object(value: object, key: string | undefined): unknown {
    if (Array.isArray(value)) return this.#list(value as readonly unknown[], key);
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return BINARY;
    if (value instanceof Date) return new Date(value.getTime());
    if (value instanceof String || value instanceof RegExp || value instanceof URL)
      return this.#text(String(value), key);
    if (value instanceof Number) return Number.prototype.valueOf.call(value);
    if (value instanceof Boolean) return Boolean.prototype.valueOf.call(value);
    if (value instanceof Set) return this.#list(value, key);
    if (value instanceof Map) return this.#entries(value);
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON === "function")
      return this.copy((toJSON as (key: string) => unknown).call(value, key ?? ""), key);
    return this.#entries(members(value));
  }

  #list(values: Iterable<unknown>, key: string | undefined): unknown[] {
    const copy: unknown[] = [];
    for (const item of values) {
      if (++this.#members > MAX_MEMBERS) {
        copy.push(MORE);
        break;
      }
      copy.push(this.copy(item, key));
    }
    return copy;
  }

  #entries(entries: Iterable<readonly [unknown, unknown]>): Record<string, unknown> {
    const copy: Record<string, unknown> = {};
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
      // The keys of what was handed over are names; those of the objects inside can be data.
      setMember(
        copy,
        this.#above.size > 1 ? this.#text(key, undefined) : key,
        this.copy(value, key),
      );
    }
    return copy;
  }
}

function* members(value: object): Iterable<readonly [string, unknown]> {
  if (value instanceof Error) {
    for (const name of ERROR_MEMBERS) if (name in value) yield [name, read(value, name)];
  }
  for (const name of Object.keys(value)) yield [name, read(value, name)];
}

function read(value: object, name: string): unknown {
  try {
    return (value as Record<string, unknown>)[name];
  } catch {
    return REDACTED;
  }
}

/** Sets an own member of any name: assigning to `__proto__` would change the object's kind. */
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
