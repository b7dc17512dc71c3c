import { page } from "./page.js";

/** What to do when a page is hidden, shown again or ends. */
export interface PageEnd {
  /** Sends what is waiting for a batch, without further delay. */
  release(): void;
  /** The page is visible again. */
  show(): void;
  /** Stores what is in flight for the next page, in case the reply comes too late. */
  persist(): void;
}

/**
 * Sends and stores what is pending when the page is hidden, since it may be killed without further notice, and when it
 * ends. Returns a function that stops this.
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
