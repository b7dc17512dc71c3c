/** `npm run docs:rules`: puts the table of rules that `land-telemetry redact --rules` prints into docs/privacy.md. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { fileURLToPath } from "node:url";

const [cli, page] = ["../../dist/node/cli.cjs", "../../docs/privacy.md"].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);
const table = execFileSync(process.execPath, [cli, "redact", "--rules"], { encoding: "utf8" });
const text = fs.readFileSync(page, "utf8");
const MARKED = /(?<=<!-- rules -->\n\n)[^]*?(?=\n<!-- \/rules -->)/;
if (!MARKED.test(text)) throw new Error("docs/privacy.md has no place for the rules.");
fs.writeFileSync(
  page,
  text.replace(MARKED, () => table),
);
