/** The page as it is sent: one document with everything in it. */
export interface InspectorPage {
  readonly html: string;
  /** Names its own script and style by their hashes, and lets nothing else in. */
  readonly contentSecurityPolicy: string;
}

/** The page that `page/` is built into; undefined where the sources run without having been built. */
export const INSPECTOR_PAGE = undefined as InspectorPage | undefined;
