/** Takes the place of `loadEventClient` in the build for bundlers, which make a chunk of what `import()` names. */
export function loadEventClient(): Promise<typeof import("./LandPostHog.js")> {
  return import("./LandPostHog.js");
}
