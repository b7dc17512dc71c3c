/** What a caller can see of a function besides what it does. */
export function looksOf(member: unknown): unknown {
  if (typeof member !== "function") return member;
  const { prototype, ...own } = Object.getOwnPropertyDescriptors(member) as PropertyDescriptorMap;
  // The prototype of a generator cannot be inspected.
  const instances = prototype && { ...prototype, value: typeof prototype.value };
  return { type: Object.prototype.toString.call(member), own, instances };
}

/** What an action returns or throws, so that two actions can be compared. */
export function outcomeOf(action: () => unknown): unknown {
  try {
    return { gave: action() };
  } catch (error) {
    return { threw: error };
  }
}
