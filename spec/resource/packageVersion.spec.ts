import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PACKAGE_NAME, PACKAGE_VERSION } from "../../lib/resource/packageVersion.js";
import { ROOT } from "../support/runApp.js";

it("the name and version that telemetry carries are package.json's", () => {
  const { name, version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Record<
    string,
    string
  >;
  expect([PACKAGE_NAME, PACKAGE_VERSION]).toEqual([name, version]);
});
