import { page } from "./page.js";

/** What is done when a page is hidden or ends. */
export interface PageEnd {
  /** Sends what waits for a batch, at once. */
  release(): void;
  /** The page can be seen again. */
  show(): void;
  /** Keeps what is in flight for the next page, in case its answer comes too late. */
  persist(): void;
}

/**
 * Sends what is pending when the page is hidden, since it may be killed without another word, and keeps it when it ends.
 * Returns what ends that.
 */
export function observePage(end: PageEnd): () => void {
  const ending = new AbortController();
  const { signal } = ending;
  const listen = (target: EventTarget, type: string, work: (event: Event) => void): void =>
    target.addEventListener(type, work, { capture: true, signal });
  const leave = (): void => {
    page.isHiding = true;
    end.release();
    end.persist();
  };
  listen(globalThis, "pagehide", leave);
  if (typeof document === "object") {
    listen(document, "freeze", leave);
    const comeBack = (): void => {
      page.isHiding = false;
      end.show();
    };
    listen(document, "visibilitychange", () => {
      if (document.visibilityState === "hidden") leave();
      else comeBack();
    });
    listen(globalThis, "pageshow", comeBack);
    listen(document, "securitypolicyviolation", (event) =>
      page.onViolation((event as SecurityPolicyViolationEvent).blockedURI),
    );
  }
  return () => ending.abort();
}
