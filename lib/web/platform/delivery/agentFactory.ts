/** The browser has its own connections. */
export const agentFactory = () => (): undefined => undefined;
