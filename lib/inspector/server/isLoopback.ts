import { isIPv4 } from "node:net";

/**
 * Whether a host, without port and brackets, can only mean this machine: 127.0.0.0/8, ::1, `localhost` and
 * names under it (RFC 6761, section 6.3).
 */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase();
  if (name === "localhost" || name.endsWith(".localhost") || name === "::1") return true;
  return isIPv4(name) && name.startsWith("127.");
}
