/** Each worker has its own realm and so its own records. */
export const watchWorkers = () => (): void => undefined;
