/** Browsers manage their connections themselves. */
export const agentFactory = () => (): undefined => undefined;
