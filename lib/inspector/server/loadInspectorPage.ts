/** Loads the page when somebody first asks for it; the build keeps it as a file of its own. */
export function loadInspectorPage(): typeof import("./inspectorPage.js") {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- see above
  return require("./inspectorPage.js") as typeof import("./inspectorPage.js");
}
