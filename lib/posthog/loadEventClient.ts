/** Loads posthog-node, which costs more than everything else together, when the first window of events ends. */
export function loadEventClient(): Promise<typeof import("./LandPostHog.js")> {
  return import("./LandPostHog.js");
}
