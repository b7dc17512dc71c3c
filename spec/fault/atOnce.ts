/** Runs `count` jobs at a time, since the suite's processes mostly wait, and yields their results in order. */
export async function* atOnce<Result>(
  count: number,
  jobs: readonly (() => Promise<Result>)[],
): AsyncGenerator<Result> {
  for (let at = 0; at < jobs.length; at += count)
    yield* await Promise.all(jobs.slice(at, at + count).map((job) => job()));
}
