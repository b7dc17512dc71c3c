/** Workers have realms, and thus records, of their own. */
export const watchWorkers = () => (): void => undefined;
