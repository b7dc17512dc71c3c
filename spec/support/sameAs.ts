/** What a caller can see of a function beside what it does. */
export function looksOf(member: unknown): unknown {
  if (typeof member !== "function") return member;
  const { prototype, ...own } = Object.getOwnPropertyDescriptors(member) as PropertyDescriptorMap;
  // The prototype of a generator cannot be looked into.
  const instances = prototype && { ...prototype, value: typeof prototype.value };
  return { type: Object.prototype.toString.call(member), own, instances };
}

/** What an action gives or throws, so that the same of two actions can be compared. */
export function outcomeOf(action: () => unknown): unknown {
  try {
    return { gave: action() };
  } catch (error) {
    return { threw: error };
  }
}
