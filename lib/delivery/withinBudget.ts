/**
 * Waits for work at most so many ms. The timer holds the process meanwhile: whoever waits for a flush at the
 * end of a program wants it to happen, and the sockets it needs do not hold anything. The work must not reject.
 */
export async function withinBudget(work: Promise<unknown>, budgetMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, budgetMs));
  });
  await Promise.race([work, over]);
  clearTimeout(timer);
}
