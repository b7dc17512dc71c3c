/** The result of an action, or undefined if it throws; for actions whose failure has no consequences. */
export function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
