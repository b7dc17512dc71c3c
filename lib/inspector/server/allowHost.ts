import { isIP } from "node:net";
import { HttpProblem } from "./HttpProblem.js";
import { isLoopback } from "./isLoopback.js";

export interface HostRules {
  readonly allowRemote: boolean;
  readonly allowedHosts: readonly string[];
}

const HOST = /^(?:\[([0-9a-f:.]+)\]|([^:@/?#\s]+))(?::\d+)?$/i;
const MAX_SHOWN = 100;

/**
 * Refuses a request whose `Host` is not a name of this machine. A web page of any site can make its own name
 * resolve to 127.0.0.1 and would then share an origin with the receiver (DNS rebinding); its requests still
 * carry that name. An IP address cannot be rebound, so it is enough when other machines are allowed.
 */
export function allowHost(hosts: readonly string[] | undefined, rules: HostRules): void {
  const [header, second] = hosts ?? [];
  if (header === undefined || second !== undefined)
    throw new HttpProblem(400, "Exactly one Host header is needed.");
  const match = HOST.exec(header);
  const name = match?.[1] ?? match?.[2];
  if (name !== undefined) {
    if (isLoopback(name)) return;
    if (rules.allowRemote && isIP(name) !== 0) return;
    if (rules.allowedHosts.some((allowed) => allowed.toLowerCase() === name.toLowerCase())) return;
  }
  throw new HttpProblem(
    403,
    `Host ${JSON.stringify(header.slice(0, MAX_SHOWN))} is not served here; use localhost, or allow it by \`allowedHosts\`.`,
  );
}
