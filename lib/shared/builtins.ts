import type * as crypto from "node:crypto";
import type * as dns from "node:dns";
import type * as http from "node:http";
import type * as https from "node:https";
import type * as zlib from "node:zlib";

/** Each of these modules takes 4 to 7 ms to load if nothing else has loaded it, so they are loaded on first use. */
interface Builtins {
  readonly "node:crypto": typeof crypto;
  readonly "node:dns": typeof dns;
  readonly "node:http": typeof http;
  readonly "node:https": typeof https;
  readonly "node:zlib": typeof zlib;
}

const loaded = new Map<keyof Builtins, unknown>();

/** A built-in module of Node. It is loaded once and kept, because the loader may be gone later (see `isInSandbox`). */
export function builtin<Name extends keyof Builtins>(name: Name): Builtins[Name] {
  if (!loaded.has(name)) loaded.set(name, process.getBuiltinModule(name));
  return loaded.get(name) as Builtins[Name];
}

/** Loads all of these modules now. */
export function loadBuiltins(): void {
  for (const name of ["crypto", "dns", "http", "https", "zlib"] as const) builtin(`node:${name}`);
}

/** SHA-256 of a string in UTF-8, in hex. */
export function sha256(text: string): string {
  return builtin("node:crypto").createHash("sha256").update(text).digest("hex");
}

/** A random UUID (RFC 9562, version 4). */
export function randomUuid(): string {
  return builtin("node:crypto").randomUUID();
}

/** CRC-32 as in zlib and PNG; `value` is the checksum of what came before. */
export function crc32(data: string | Uint8Array, value = 0): number {
  return builtin("node:zlib").crc32(data, value);
}
