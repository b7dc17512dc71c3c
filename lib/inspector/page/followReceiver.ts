/** Calls back when what the receiver holds has changed; EventSource itself connects again when it was away. */
export function followReceiver(
  onChange: () => Promise<void>,
  onState: (live: boolean) => void,
): void {
  const source = new EventSource("/api/changes");
  let busy = false;
  let again = false;
  // One round at a time: on a busy receiver the page is as fresh as it can be, and asks no more often.
  const run = async (): Promise<void> => {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    do {
      again = false;
      await onChange().catch(() => undefined);
    } while (again as boolean);
    busy = false;
  };
  source.addEventListener("message", () => void run());
  source.addEventListener("open", () => onState(true));
  source.addEventListener("error", () => onState(false));
}
