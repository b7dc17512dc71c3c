import { diag } from "@opentelemetry/api";
import {
  apiGlobals,
  collectProblems,
  diagnoseSetting,
  withoutLogger,
} from "../../lib/shared/diagnostics.js";
import { report } from "../../lib/shared/report.js";

const said: string[] = [];
let onLine: () => void;
const log = (line: string): void => {
  said.push(line);
  onLine();
};

beforeEach(() => {
  said.length = 0;
  onLine = () => undefined;
  const logger = { error: log, warn: log, info: log, debug: log, verbose: log };
  diag.setLogger(logger, { suppressOverrideMessage: true });
});
afterAll(() => diag.disable());

describe("a line for the host's logger", () => {
  it("is left out if the logger itself causes it, but later ones are not", () => {
    onLine = () => report("warn", "inner");
    report("warn", "outer");
    onLine = () => undefined;
    report("info", "next");
    expect(said).toEqual(["land-telemetry: outer", "land-telemetry: next"]);
  });

  it("is logged once to a logger that throws, and so is the next one", () => {
    onLine = () => {
      throw new Error("logger");
    };
    expect(() => report("error", "one")).not.toThrow();
    expect(() => report("error", "two")).not.toThrow();
    expect(said).toEqual(["land-telemetry: one", "land-telemetry: two"]);
  });
});

describe("problems", () => {
  const say = (name: string): void => diagnoseSetting(name, 1, "a text", "It is left out.");

  it("are those reported during the work, but not outside it or in nested work", () => {
    say("before");
    const outer = collectProblems(() => {
      say("first");
      const inner = collectProblems(() => say("inner"));
      say("last");
      return inner;
    });
    say("after");
    expect(outer.problems.map((problem) => problem.split("=")[0])).toEqual(["first", "last"]);
    expect(outer.result.problems.map((problem) => problem.split("=")[0])).toEqual(["inner"]);
  });

  it("belong to the outer work again after inner work that throws", () => {
    const outer = collectProblems(() => {
      expect(() =>
        collectProblems(() => {
          throw new Error("work");
        }),
      ).toThrow("work");
      say("kept");
    });
    expect(outer.problems).toHaveLength(1);
  });

  it("are at most a hundred, each listed once", () => {
    const { problems } = collectProblems(() => {
      for (let i = 0; i < 300; i++) say(`setting ${i % 150}`);
    });
    expect(problems).toHaveLength(100);
    expect(new Set(problems).size).toBe(100);
  });
});

describe("work without a logger", () => {
  it("has none meanwhile, and the same one afterwards, even if the work throws", () => {
    const logger = apiGlobals()?.diag;
    expect(withoutLogger(() => apiGlobals()?.diag)).toBeUndefined();
    expect(apiGlobals()?.diag).toBe(logger);
    expect(() =>
      withoutLogger(() => {
        throw new Error("work");
      }),
    ).toThrow("work");
    expect(apiGlobals()?.diag).toBe(logger);
    report("warn", "heard");
    expect(said).toEqual(["land-telemetry: heard"]);
  });

  it("is done normally if there was none before", () => {
    diag.disable();
    expect(withoutLogger(() => "done")).toBe("done");
    expect(apiGlobals()?.diag).toBeUndefined();
  });
});
