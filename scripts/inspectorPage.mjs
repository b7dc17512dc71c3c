import { build } from "esbuild";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** What keeps a script from ending early inside its element. */
const ESCAPED_END = /<\/(script|style)/gi;

/**
 * Builds the inspector's page into one document and puts it in the place of the empty one in `inspectorPage.ts`.
 * Its policy names the script and the style by their hashes: whatever else got into the document would not run.
 */
export const inspectorPage = {
  name: "inspector-page",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]server[\\/]inspectorPage\.ts$/ }, async ({ path }) => {
      const folder = join(dirname(path), "../page");
      const common = {
        bundle: true,
        minify: true,
        write: false,
        target: "es2022",
        legalComments: "none",
        logLevel: "warning",
      };
      const [script, style] = await Promise.all(
        ["main.ts", "page.css"].map(async (file) => {
          const { outputFiles } = await build({
            ...common,
            entryPoints: [join(folder, file)],
            format: "iife",
          });
          return outputFiles[0].text.replaceAll(ESCAPED_END, "<\\/$1");
        }),
      );
      const html = readFileSync(join(folder, "page.html"), "utf8")
        .replaceAll(/>\s*\n\s*</g, "><")
        .replace("/*STYLE*/", () => style)
        .replace("/*SCRIPT*/", () => script);
      const contentSecurityPolicy = [
        "default-src 'none'",
        `script-src ${hash(script)}`,
        `style-src ${hash(style)}`,
        "connect-src 'self'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
      ].join("; ");
      return {
        contents: `export const INSPECTOR_PAGE = ${JSON.stringify({ html, contentSecurityPolicy })};`,
        loader: "js",
      };
    });
  },
};

function hash(text) {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
