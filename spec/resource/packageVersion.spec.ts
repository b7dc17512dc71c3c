import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PACKAGE_NAME, PACKAGE_VERSION } from "../../lib/resource/packageVersion.js";
import { ROOT } from "../support/runApp.js";

it("telemetry carries the name and version from package.json", () => {
  const { name, version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Record<
    string,
    string
  >;
  expect([PACKAGE_NAME, PACKAGE_VERSION]).toEqual([name, version]);
});
