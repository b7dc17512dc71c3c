/** Checks the pages: every sample compiles and runs, and everything they name exists. Needs a build. */
import { readPages } from "./docs/pages.mjs";
import { findBrokenReferences } from "./docs/references.mjs";
import { checkSamples } from "./docs/samples.mjs";

const pages = readPages();
const broken = await findBrokenReferences(pages);
const { problems, compiled, ran } = await checkSamples(pages);
for (const problem of [...broken, ...problems]) process.stderr.write(`✗ ${problem}\n`);
process.stdout.write(
  `${pages.length} pages, ${compiled} samples compiled, ${ran} of them run; ${broken.length + problems.length} problems\n`,
);
process.exitCode = broken.length + problems.length === 0 ? 0 : 1;
