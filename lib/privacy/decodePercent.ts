const RUNS = /(?:%[\da-f]{2})+/gi;

/** What percent signs stand for, once; a run that is no text stays. */
export function decodePercent(text: string): string {
  return text.replaceAll(RUNS, (run) => {
    try {
      return decodeURIComponent(run);
    } catch {
      return run;
    }
  });
}
