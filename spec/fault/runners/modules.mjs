/** Suites for `node --test` and vitest, whose files are modules. */
const head = (runner) => `
import * as land from "land-telemetry";
import { test${runner === "vitest" ? ", vi" : ", mock"} } from "${runner}";
import assert from "node:assert";
import work from "./work.cjs";
const works = () => work.work(land, (fails) => assert.throws(fails, /own/));
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));`;

const FAKES = {
  vitest: `vi.useFakeTimers();`,
  "node:test": `mock.timers.enable({ apis: ["setTimeout", "setInterval", "setImmediate"] });`,
};

/** In some of its pools, vitest fakes the timers of all files. */
const REALS = { vitest: `vi.useRealTimers();`, "node:test": "" };

export const suitesFor = (runner) => ({
  "1-at-once": `${head(runner)}
    works();
    test("passes", () => works());`,
  "2-in-flight": `${head(runner)}
    test("passes", async () => {
      works();
      await pause(300);
      works();
    });`,
  "3-fakes": `${head(runner)}
    test("passes", async () => {
      works();
      ${FAKES[runner]}
      works();
      await land.flush(50);
      ${REALS[runner]}
    });`,
  "4-lives-on": `${head(runner)}
    test("passes", () => pause(1_000));`,
});
