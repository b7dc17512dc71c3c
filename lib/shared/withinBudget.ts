import { clearTimeout, setTimeout } from "./timers.js";

/** What a timer of Node can wait for, in ms: a longer one ends at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Waits for work at most so many ms. The timer holds the process meanwhile: whoever waits for a flush at the end of
 * a program wants it to happen, and the sockets it needs hold nothing. The work must not reject.
 */
export async function withinBudget(work: Promise<unknown>, budgetMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.min(Math.max(0, budgetMs), MAX_TIMER_MS));
  });
  await Promise.race([work, over]);
  clearTimeout(timer);
}
