import * as timers from "../../lib/shared/timers.js";
import { withinBudget } from "../../lib/shared/withinBudget.js";

const never = new Promise<never>(() => undefined);

describe("withinBudget", () => {
  const waited = async (budgetMs: number): Promise<unknown> => {
    const set = jest.spyOn(timers, "setTimeout").mockImplementation(((over: () => void) => {
      over();
      return undefined;
    }) as never);
    await withinBudget(never, budgetMs);
    return set.mock.calls.at(-1)?.[1];
  };
  afterEach(() => jest.restoreAllMocks());

  it.each([
    [250, 250],
    [0, 0],
    [-5, 0],
    // A Node timer fires immediately if its delay does not fit into a signed 32-bit integer.
    [2_147_483_647, 2_147_483_647],
    [2_147_483_648, 2_147_483_647],
    [Infinity, 2_147_483_647],
  ])("given %d ms sets a timer of %d ms", async (budgetMs, ms) => {
    expect(await waited(budgetMs)).toBe(ms);
  });

  it("ends with the work, and leaves no timer behind", async () => {
    const clear = jest.spyOn(timers, "clearTimeout");
    const set = jest.spyOn(timers, "setTimeout");
    await withinBudget(Promise.resolve(), 60_000);
    expect(clear).toHaveBeenCalledWith(set.mock.results[0]?.value);
  });
});
