import type * as http from "node:http";
import type { Socket } from "node:net";
import type { Certificates } from "../config/readCertificates.js";
import { builtin } from "../shared/builtins.js";

/** Idle connections are closed before most servers do it, after 5 s. */
const KEEP_ALIVE_MS = 4_000;

/**
 * Makes the agent of a pipe, for `http:` or `https:`. It goes through a proxy exactly where Node's own agent does: with
 * `NODE_USE_ENV_PROXY=1` or `--use-env-proxy`, in the versions that know them, Node gives that one its `proxyEnv`.
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
    // A request tells of its socket when the tunnel stands; until then this one would hold the process.
    agent.createConnection = (...given) => {
      const socket = connect(...given);
      (socket as Socket | null | undefined)?.unref();
      return socket;
    };
    return agent;
  };
}
