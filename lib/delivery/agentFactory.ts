import type * as http from "node:http";
import type { Socket } from "node:net";
import type { Certificates } from "../config/readCertificates.js";
import { builtin } from "../shared/builtins.js";

/** Idle connections are closed after this, in ms: before most servers close them, which is after 5 s. */
const KEEP_ALIVE_MS = 4_000;

/**
 * Returns a function that creates a pipe's agent for `http:` or `https:`. It uses a proxy exactly when Node's global
 * agent does: Node gives that one a `proxyEnv` with `NODE_USE_ENV_PROXY=1` or `--use-env-proxy`, if it supports them.
 */
export function agentFactory(certificates: Certificates = {}): (protocol: string) => http.Agent {
  return (protocol) => {
    const isSecure = protocol === "https:";
    const { Agent, globalAgent } = builtin(isSecure ? "node:https" : "node:http");
    const { proxyEnv } = (globalAgent as { options?: { proxyEnv?: object } }).options ?? {};
    const options = { keepAlive: true, timeout: KEEP_ALIVE_MS, ...(isSecure ? certificates : {}) };
    if (proxyEnv === undefined) return new Agent(options);
    const agent = new Agent({ ...options, proxyEnv } as http.AgentOptions);
    const connect = agent.createConnection.bind(agent);
    // A request emits its socket only once the tunnel is up; until then this socket would keep the process alive.
    agent.createConnection = (...given) => {
      const socket = connect(...given);
      (socket as Socket | null | undefined)?.unref();
      return socket;
    };
    return agent;
  };
}
