/** Takes out of a value what must not leave the process. Never throws, never changes what it was given. */
export interface Redactor {
  /** Whether the same value under the same key comes out the same, until other code of the process has run. */
  readonly repeats: boolean;
  /** One string; the same string when nothing was found. `key` is the attribute or property it belongs to. */
  text(value: string, key?: string): string;
  /**
   * Anything: objects, arrays, maps, sets and errors come back as plain copies, bounded in depth and size, with
   * every string redacted, the keys of nested objects included. What cannot be read becomes `<redacted>`.
   */
  value(value: unknown, key?: string): unknown;
  /** One attribute; the same value when nothing was found. */
  attribute(key: string, value: unknown): unknown;
  /** The attributes of a span, event, link or resource; the same object when nothing changed. Keys stay. */
  attributes<T extends object>(attributes: T): T;
  /** A stack trace: frames keep function, file name and line, and the part of a path inside the application. */
  stack(text: string): string;
  /** A resource with redacted attributes; made once for each resource, the same object when nothing changed. */
  resource<T extends ResourceLike>(resource: T): T;
  /** An instrumentation scope with redacted name, version and attributes; made once for each scope. */
  scope<T extends ScopeLike>(scope: T): T;
}

/** What is read of a resource; fits the SDK's 2.x and 3.x. */
export interface ResourceLike {
  readonly attributes: object;
  readonly asyncAttributesPending?: boolean;
  readonly schemaUrl?: string;
}

/** What is read of an instrumentation scope; it has attributes in newer SDK lines. */
export interface ScopeLike {
  readonly name: string;
  readonly version?: string;
  readonly attributes?: object;
}
