/** Suites for Jest, each of which becomes a file. The first end immediately; what they left runs during the last. */
const head = `
const land = require("land-telemetry");
const { work } = require("./work.cjs");
const works = () => work(land, (fails) => expect(fails).toThrow("own"));
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));`;

module.exports = {
  "1-at-once": `${head}
    works();
    test("passes", () => works());`,
  "2-in-flight": `${head}
    test("passes", async () => {
      works();
      await pause(300);
      works();
    });`,
  "3-modern-fakes": `${head}
    jest.useFakeTimers();
    test("passes", async () => {
      works();
      jest.advanceTimersByTime(3_600_000);
      works();
      await land.flush(50);
    });`,
  "4-legacy-fakes": `${head}
    jest.useFakeTimers({ legacyFakeTimers: true });
    test("passes", async () => {
      works();
      jest.advanceTimersByTime(60_000);
      await land.flush(50);
    });`,
  "5-fakes-later": `${head}
    test("passes", () => {
      works();
      jest.useFakeTimers({ now: 0 });
      works();
    });`,
  "6-registry": `
    const { work } = require("./work.cjs");
    for (const name of ["first", "second"])
      test(name, () => {
        jest.resetModules();
        work(require("land-telemetry"), (fails) => expect(fails).toThrow("own"));
      });`,
  "7-promise-left": `${head}
    test("passes", () => {
      works();
      void land.flush(500);
      void land.withSpan("left", () => pause(200));
    });`,
  "8-lives-on": `
    test("passes", () => new Promise((resolve) => setTimeout(resolve, 1_500)));`,
};
