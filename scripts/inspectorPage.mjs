import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";

const folder = fileURLToPath(new URL("../lib/inspector/page/", import.meta.url));
const read = (file) => readFileSync(`${folder}${file}`, "utf8");
const hash = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/**
 * Bundles lib/inspector/page into one HTML document. Its policy names the script and the style by their hashes, so that
 * nothing else that gets into the document runs. The returned bundle says which packages it contains.
 */
export async function buildInspectorPage() {
  const bundle = await build({
    input: `${folder}main.tsx`,
    transform: { target: "es2022" },
    output: { format: "iife", minify: true },
    write: false,
  });
  // An end tag inside the script would end its element early.
  const script = bundle.output[0].code.replaceAll(/<\/(script|style)/gi, "<\\/$1");
  const style = read("page.css");
  const html = read("page.html")
    .replaceAll(/>\s*\n\s*</g, "><")
    .replace(/\s*\/\*STYLE\*\/\s*/, () => style)
    .replace(/\s*\/\*SCRIPT\*\/\s*/, () => script);
  const contentSecurityPolicy =
    `default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}; ` +
    "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; " +
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
  return { page: { html, contentSecurityPolicy }, bundle };
}
