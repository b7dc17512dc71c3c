import type * as util from "node:util";

/** Checks what a value says it is, whereas Node checks what it really is. Callers therefore read it with care. */
function is(...tags: readonly string[]) {
  return (value: unknown): boolean => {
    try {
      return tags.includes(Object.prototype.toString.call(value).slice(8, -1));
    } catch {
      return false;
    }
  };
}

const isBoxed = (tag: string, type: string) => (value: unknown) =>
  typeof value === "object" && is(tag)(value) && typeof value !== type;

/** The checks of `node:util` that the shared code uses. A browser offers no way to recognise a proxy. */
export const types = {
  isAnyArrayBuffer: is("ArrayBuffer", "SharedArrayBuffer"),
  isBigIntObject: isBoxed("BigInt", "bigint"),
  isBooleanObject: isBoxed("Boolean", "boolean"),
  isDate: is("Date"),
  isMap: is("Map"),
  isNumberObject: isBoxed("Number", "number"),
  isPromise: is("Promise"),
  isProxy: () => false,
  isRegExp: is("RegExp"),
  isSet: is("Set"),
  isStringObject: isBoxed("String", "string"),
} as unknown as Pick<
  typeof util.types,
  | "isAnyArrayBuffer"
  | "isBigIntObject"
  | "isBooleanObject"
  | "isDate"
  | "isMap"
  | "isNumberObject"
  | "isPromise"
  | "isProxy"
  | "isRegExp"
  | "isSet"
  | "isStringObject"
>;
