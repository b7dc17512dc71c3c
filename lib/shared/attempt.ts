/** What an action gives, or undefined when it throws; for actions whose failure changes nothing. */
export function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
