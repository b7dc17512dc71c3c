/** The clock of the page or the worker. */
export const performance: Performance = globalThis.performance;
