import { report } from "../shared/report.js";

/** A host's function that passes a request body to another tier, which is responsible for delivery from then on. */
export type Relay = (body: string) => unknown;

/** Maximum number of refused origins that are remembered; each of them is reported once. */
const MAX_REFUSED = 16;

/** What the transports need to know about the page or worker they run in. */
class PageState {
  /** How requests are sent, if not by `fetch`. */
  relay: Relay | undefined;
  /** Whether the page is hidden or about to end, so that its requests have to outlive it. */
  isHiding = false;
  /** Total bytes in flight in requests that outlive the page, which browsers limit. */
  keptAlive = 0;
  /** Origins that we send to. */
  readonly ours = new Set<string>();
  /** Those of them that a policy has refused. */
  readonly refused = new Set<string>();

  /** Notes a request that a policy of this realm has refused. Returns whether it was one of ours. */
  onViolation(blockedUri: string): boolean {
    const origin = URL.canParse(blockedUri) ? new URL(blockedUri).origin : blockedUri;
    if (!this.ours.has(origin)) return false;
    if (this.refused.has(origin) || this.refused.size >= MAX_REFUSED) return true;
    this.refused.add(origin);
    report(
      "warn",
      `the page's policy (connect-src) refuses ${origin}; no more requests are sent there.`,
    );
    return true;
  }
}

export const page = new PageState();
