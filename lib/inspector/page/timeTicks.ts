/** About so many marks on an axis. */
const WANTED = 6;
const STEPS = [1, 2, 5, 10] as const;

/** Round moments of a range in ms, for the marks of an axis. */
export function timeTicks(from: number, to: number): readonly number[] {
  const range = to - from;
  if (!(range > 0)) return [from];
  const power = 10 ** Math.floor(Math.log10(range / WANTED));
  const step = power * (STEPS.find((factor) => range / (power * factor) <= WANTED) ?? 10);
  const ticks: number[] = [];
  // Far from zero and near each other, the next whole number may be the same number.
  for (let i = Math.ceil(from / step); i * step <= to && ticks.length <= 2 * WANTED; i++)
    ticks.push(i * step);
  return ticks;
}
