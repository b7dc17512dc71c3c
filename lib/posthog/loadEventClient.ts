/**
 * Loads posthog-node, which costs more than everything else together, when the first window of events ends.
 * The build keeps what this requires as a file of its own.
 */
export function loadEventClient(): Promise<typeof import("./LandPostHog.js")> {
  return Promise.resolve().then(
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- one form for ESM and CommonJS builds
    () => require("./LandPostHog.js") as typeof import("./LandPostHog.js"),
  );
}
