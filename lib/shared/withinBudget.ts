import { clearTimeout, setTimeout } from "./timers.js";

/** The longest delay of a Node timer, in ms; a longer one fires immediately. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Waits for `work`, which must not reject, but at most `budgetMs`. The timer keeps the process alive meanwhile: whoever
 * awaits a flush at the end of a program wants it to finish, and its sockets do not keep the process alive.
 */
export async function withinBudget(work: Promise<unknown>, budgetMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.min(Math.max(0, budgetMs), MAX_TIMER_MS));
  });
  await Promise.race([work, over]);
  clearTimeout(timer);
}
