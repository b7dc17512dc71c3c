/** The page as it is served: one document that includes everything. */
export interface InspectorPage {
  readonly html: string;
  /** Allows the page's own script and style by their hashes, and nothing else. */
  readonly contentSecurityPolicy: string;
}

/** The build replaces this name with the page that it made from `page/`. */
declare const BUILT_INSPECTOR_PAGE: InspectorPage;

/** Undefined when the sources run unbuilt. */
export const INSPECTOR_PAGE: InspectorPage | undefined =
  typeof BUILT_INSPECTOR_PAGE === "undefined" ? undefined : BUILT_INSPECTOR_PAGE;
