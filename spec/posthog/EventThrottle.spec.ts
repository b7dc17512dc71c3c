import { EventThrottle } from "../../lib/posthog/EventThrottle.js";

function throttleAt(perSecond: number, errorCap: number) {
  let now = 5_000;
  const throttle = new EventThrottle({ perSecond, errorCap }, () => now);
  return { throttle, wait: (ms: number) => (now += ms) };
}

const count = (
  throttle: EventThrottle,
  times: number,
  event: string,
  fingerprint?: string,
): number =>
  Array.from({ length: times }, () => throttle.admit(event, fingerprint)).filter(Boolean).length;

describe("EventThrottle", () => {
  it("admits a limited number of events per name and second", () => {
    const { throttle, wait } = throttleAt(5, 7);
    expect(count(throttle, 20, "a")).toBe(5);
    expect(count(throttle, 20, "b")).toBe(5);
    wait(999);
    expect(count(throttle, 1, "a")).toBe(0);
    wait(1);
    expect(count(throttle, 20, "a")).toBe(5);
  });

  it.each([
    [0.5, 1, 2_000],
    [0.001, 1, 1_000_000],
    [2.5, 2, 800],
  ])("treats a rate of %p as %i per %i ms", (perSecond, limit, windowMs) => {
    const { throttle, wait } = throttleAt(perSecond, 7);
    expect(count(throttle, 20, "a")).toBe(limit);
    wait(windowMs - 1);
    expect(count(throttle, 1, "a")).toBe(0);
    wait(1);
    expect(count(throttle, 20, "a")).toBe(limit);
  });

  it("limits errors by fingerprint, and all of them together by the cap for ten seconds", () => {
    const { throttle, wait } = throttleAt(5, 7);
    expect(count(throttle, 20, "land:air:error", "ENOENT")).toBe(5);
    expect(count(throttle, 20, "land:air:error", "EACCES")).toBe(2);
    wait(9_999);
    expect(count(throttle, 1, "land:air:error", "other")).toBe(0);
    wait(1);
    expect(count(throttle, 1, "land:air:error", "other")).toBe(1);
  });

  it("reports what it held back, by reason, once", () => {
    const { throttle, wait } = throttleAt(2, 3);
    wait(100);
    count(throttle, 5, "a");
    count(throttle, 4, "e", "x");
    count(throttle, 4, "e", "y");
    wait(500);
    count(throttle, 1, "e", "x");
    wait(1_000);
    expect(throttle.takeReport()).toEqual({
      dropped: 3 + 2 + 3 + 1,
      dropped_exceptions: 2 + 2 + 1,
      dropped_exceptions_global: 1,
      exception_global_limit: 3,
      window_ms: 1_500,
    });
    expect(throttle.takeReport()).toBeUndefined();
  });

  it("holds a bounded number of names", () => {
    const { throttle } = throttleAt(1, 1e6);
    let admitted = 0;
    for (let index = 0; index < 5_000; index++)
      if (throttle.admit(`name-${index}`, undefined)) admitted += 1;
    expect(admitted).toBe(1_001);
  });
});
