const at = (values, share) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];

export const median = (values) => at(values, 0.5);

/** The median and, as its spread, the quartiles. */
export const summary = (values) => ({
  median: median(values),
  low: at(values, 0.25),
  high: at(values, 0.75),
});

/**
 * The values as a multiple of the baseline: the median over the rounds, each compared with the baseline of the same
 * round, since the machine may run at half speed for some seconds.
 */
export const times = (values, baseline) =>
  median(values.map((value, round) => value / baseline[round]));

export const round = (value, digits = 2) => Number(value.toFixed(digits));
