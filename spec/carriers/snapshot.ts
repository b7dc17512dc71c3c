/** The whole state of a value, in depth, as a string; getters are named but not called. */
export function snapshot(value: unknown): string {
  const seen = new Map<object, number>();
  const write = (part: unknown): string => {
    if (typeof part === "symbol" || typeof part === "bigint") return part.toString();
    if (typeof part === "number" || typeof part === "undefined") return String(part);
    if (typeof part === "string") return JSON.stringify(part);
    if (part === null || (typeof part !== "object" && typeof part !== "function"))
      return JSON.stringify(part);
    const known = seen.get(part);
    if (known !== undefined) return `#${known}`;
    seen.set(part, seen.size);
    const state: string[] = [Object.isExtensible(part) ? "" : "fixed"];
    for (const key of Reflect.ownKeys(part)) {
      const { enumerable, configurable, writable, ...held } =
        Object.getOwnPropertyDescriptor(part, key) ?? {};
      state.push(
        `${String(key)}:${[enumerable, configurable, writable].join()}:${"get" in held ? "getter" : write(held.value)}`,
      );
    }
    if (part instanceof Map)
      state.push(...Array.from(part, ([key, held]) => `${write(key)}=>${write(held)}`));
    if (part instanceof Headers)
      state.push(...Array.from(part, ([key, held]) => `${key}=>${held}`));
    return `{${state.join()}}`;
  };
  return write(value);
}
