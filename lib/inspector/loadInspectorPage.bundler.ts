import * as inspectorPage from "./inspectorPage.js";

/** Takes the place of `loadInspectorPage` in the build for bundlers: within a bundle there is no file to require. */
export function loadInspectorPage(): typeof inspectorPage {
  return inspectorPage;
}
