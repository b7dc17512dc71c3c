import { CircuitBreaker } from "../../lib/delivery/CircuitBreaker";
import * as timers from "../../lib/shared/timers.js";

function make(): { breaker: CircuitBreaker; said: string[]; delays: number[] } {
  const said: string[] = [];
  const delays: number[] = [];
  jest.spyOn(timers, "setTimeout").mockImplementation(((action: () => void, delay: number) => {
    delays.push(delay);
    probe = action;
    return { unref: () => undefined };
  }) as unknown as typeof setTimeout);
  const breaker = new CircuitBreaker(
    {
      onOpen: (reason) => said.push(`open ${reason}`),
      onProbe: () => said.push("probe"),
      onClose: () => said.push("close"),
    },
    { firstPauseMs: 1_000, maxPauseMs: 8_000 },
  );
  return { breaker, said, delays };
}

let probe: () => void;
afterEach(() => jest.restoreAllMocks());

describe("the circuit breaker", () => {
  it("opens after three failures in a row, not after scattered ones", () => {
    const { breaker, said } = make();
    for (const failed of [true, true, false, true, true]) {
      if (failed) breaker.fail("reset");
      else breaker.succeed();
    }
    expect(breaker.isOpen).toBe(false);
    breaker.fail("reset");
    expect(breaker.isOpen).toBe(true);
    expect(said).toEqual(["open reset"]);
  });

  it("probes after growing, jittered, bounded pauses, and reports nothing else until it closes", () => {
    const { breaker, said, delays } = make();
    for (let i = 0; i < 3; i++) breaker.fail("http_503");
    for (let i = 0; i < 5; i++) {
      probe();
      breaker.fail("http_503");
    }
    [1_000, 2_000, 4_000, 8_000, 8_000, 8_000].forEach((pause, i) => {
      expect(delays[i]).toBeGreaterThanOrEqual(pause / 2);
      expect(delays[i]).toBeLessThanOrEqual(pause);
    });
    probe();
    breaker.succeed();
    expect(breaker.isOpen).toBe(false);
    expect(said).toEqual(["open http_503", ...Array<string>(6).fill("probe"), "close"]);
    breaker.succeed();
    expect(said.at(-2)).toBe("probe");
  });

  it("does not treat failures of earlier requests as answers to a probe", () => {
    const { breaker, delays } = make();
    for (let i = 0; i < 9; i++) breaker.fail("timeout");
    expect(delays).toHaveLength(1);
  });

  it("opens immediately if asked to wait, and waits that long, up to its limit", () => {
    const { breaker, delays } = make();
    breaker.fail("http_429", 60_000);
    expect(breaker.isOpen).toBe(true);
    probe();
    breaker.fail("http_429", 1e12);
    expect(delays).toEqual([60_000, 5 * 60_000]);
  });

  it("ignores being set half open after a probe has succeeded", () => {
    const { breaker, said } = make();
    breaker.fail("http_429", 0);
    probe();
    breaker.succeed();
    breaker.halfOpen();
    breaker.fail("reset");
    expect(breaker.isOpen).toBe(false);
    expect(said).toEqual(["open http_429", "probe", "close"]);
  });

  it("turns half open if there is nothing to probe with, without reporting the end of the outage", () => {
    const { breaker, said } = make();
    breaker.fail("http_429", 0);
    probe();
    breaker.halfOpen();
    expect(breaker.isOpen).toBe(false);
    breaker.fail("reset");
    expect(breaker.isOpen).toBe(true);
    breaker.succeed();
    expect(said).toEqual(["open http_429", "probe", "close"]);
  });
});
