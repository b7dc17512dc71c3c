/** The page as it is sent: one document with everything in it. */
export interface InspectorPage {
  readonly html: string;
  /** Names its own script and style by their hashes, and lets nothing else in. */
  readonly contentSecurityPolicy: string;
}

/** The build puts the page that it made of `page/` in the place of this name. */
declare const BUILT_INSPECTOR_PAGE: InspectorPage;

/** Undefined where the sources run without having been built. */
export const INSPECTOR_PAGE: InspectorPage | undefined =
  typeof BUILT_INSPECTOR_PAGE === "undefined" ? undefined : BUILT_INSPECTOR_PAGE;
