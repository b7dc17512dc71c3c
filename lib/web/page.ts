import { report } from "../shared/report.js";

/** A host's function that takes a request body to another tier, whose delivery it is from then on. */
export type Relay = (body: string) => unknown;

/** Kinds of requests of ours that a policy refused, which is told once. */
const MAX_REFUSED = 16;

/** What the transports have to know of the page or the worker that they are in. */
class PageState {
  /** How requests are sent, if not by `fetch`. */
  relay: Relay | undefined;
  /** The page is hidden or about to end: its requests have to outlive it. */
  isHiding = false;
  /** Bytes in flight that outlive the page, which browsers bound in all. */
  keptAlive = 0;
  /** Origins of ours. */
  readonly ours = new Set<string>();
  /** Those that a policy has refused. */
  readonly refused = new Set<string>();

  /** Notes what a policy of this realm refuses us. Returns whether the request was one of ours. */
  onViolation(blockedUri: string): boolean {
    const origin = URL.canParse(blockedUri) ? new URL(blockedUri).origin : blockedUri;
    if (!this.ours.has(origin)) return false;
    if (this.refused.has(origin) || this.refused.size >= MAX_REFUSED) return true;
    this.refused.add(origin);
    report("warn", `the page's policy (connect-src) refuses ${origin}; it is not asked again.`);
    return true;
  }
}

export const page = new PageState();
