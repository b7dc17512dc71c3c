/** A random UUID. node:crypto costs 5 ms to load, so it is loaded with the first one. */
export function randomUuid(): string {
  return process.getBuiltinModule("node:crypto").randomUUID();
}
