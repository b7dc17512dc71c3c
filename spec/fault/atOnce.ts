/** Runs some jobs at a time, and gives their results in order: most of what a process of the suite does is to wait. */
export async function* atOnce<Result>(
  count: number,
  jobs: readonly (() => Promise<Result>)[],
): AsyncGenerator<Result> {
  for (let at = 0; at < jobs.length; at += count)
    yield* await Promise.all(jobs.slice(at, at + count).map((job) => job()));
}
