/** Own properties of a function that the wrapper must keep as its own. */
const OWN: ReadonlySet<PropertyKey> = new Set(["arguments", "caller"]);

/**
 * Makes a wrapper look like the function it stands for: name, length, prototype chain and own properties.
 * What a hostile function refuses to show is left out.
 */
export function imitate(wrapper: object, original: object): void {
  try {
    const kind = Object.getPrototypeOf(original) as object | null;
    if (kind !== Object.getPrototypeOf(wrapper)) Object.setPrototypeOf(wrapper, kind);
    for (const key of Reflect.ownKeys(original)) {
      const descriptor = OWN.has(key) ? undefined : Reflect.getOwnPropertyDescriptor(original, key);
      if (descriptor !== undefined) Reflect.defineProperty(wrapper, key, descriptor);
    }
  } catch {
    // A proxy with throwing traps: the wrapper still works.
  }
}
