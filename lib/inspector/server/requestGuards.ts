import type { IncomingHttpHeaders } from "node:http";
import { isIP, isIPv4 } from "node:net";
import { HttpProblem } from "./http.js";
import type { InspectorOptions } from "./startInspector.js";

/** Who may use a receiver apart from this machine. */
export type AccessRules = Required<
  Pick<InspectorOptions, "allowRemote" | "allowedHosts" | "allowedOrigins">
>;

const HOST = /^(?:\[([0-9a-f:.]+)\]|([^:@/?#\s]+))(?::\d+)?$/i;
/** Origins of webviews: Tauri's scheme (macOS, Linux) and VS Code's, which has a random host per view. */
const WEBVIEW = /^(?:tauri:\/\/localhost|vscode-webview:\/\/[a-z0-9.-]*)$/i;
/** The origin of an http(s) page; `tauri.localhost` is Tauri's on Windows and Android, and counts as loopback. */
const LOCAL = /^https?:\/\/(?:\[([0-9a-f:]+)\]|([a-z0-9.-]+))(?::\d+)?$/i;
const MAX_SHOWN = 100;

/**
 * Whether a host, without port and brackets, can only mean this machine: 127.0.0.0/8, ::1, `localhost` and
 * names under it (RFC 6761, section 6.3).
 */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase();
  if (name === "localhost" || name.endsWith(".localhost") || name === "::1") return true;
  return isIPv4(name) && name.startsWith("127.");
}

/**
 * Throws an HttpProblem unless `Host` is a name of this machine. Any web site can make its own name resolve to
 * 127.0.0.1 and would then share an origin with the receiver (DNS rebinding), but its requests still carry that
 * name. An IP address cannot be rebound, so any address is accepted when other machines are allowed.
 */
export function allowHost(hosts: readonly string[] | undefined, rules: AccessRules): void {
  const [header, second] = hosts ?? [];
  if (header === undefined || second !== undefined)
    throw new HttpProblem(400, "Exactly one Host header is needed.");
  const [, address, named] = HOST.exec(header) ?? [];
  const name = address ?? named;
  if (name !== undefined) {
    if (isLoopback(name) || (rules.allowRemote && isIP(name) !== 0)) return;
    if (rules.allowedHosts.some((allowed) => allowed.toLowerCase() === name.toLowerCase())) return;
  }
  const shown = JSON.stringify(header.slice(0, MAX_SHOWN));
  const advice = "use localhost, or allow it by `allowedHosts`";
  throw new HttpProblem(403, `Host ${shown} is not served here; ${advice}.`);
}

/**
 * Throws an HttpProblem for a request that a browser sends for a page of a foreign origin. Requests without `Origin`
 * come from programs or from the receiver's own page, and pass.
 */
export function allowOrigin(origin: string | undefined, { allowedOrigins }: AccessRules): void {
  if (origin === undefined || WEBVIEW.test(origin) || allowedOrigins.includes(origin)) return;
  const [, address, named] = LOCAL.exec(origin) ?? [];
  if (isLoopback(address ?? named ?? "")) return;
  const shown = JSON.stringify(origin.slice(0, MAX_SHOWN));
  throw new HttpProblem(403, `Origin ${shown} is not allowed; add it to \`allowedOrigins\`.`);
}

/**
 * Lets only the receiver's own page, programs and allowed origins read or delete what is held. Webviews and local pages
 * need to send here, but not to see what others sent. `Host` must have passed {@link allowHost} before.
 */
export function allowReader(headers: IncomingHttpHeaders, { allowedOrigins }: AccessRules): void {
  const { origin, host = "" } = headers;
  if (origin === undefined || allowedOrigins.includes(origin)) return;
  if (origin.toLowerCase() === `http://${host.toLowerCase()}`) return;
  throw new HttpProblem(
    403,
    "This origin may not read what is held; allow it by `allowedOrigins`.",
  );
}

/**
 * Refuses requests that a browser sends for a page of another site without an `Origin`, as it does for images,
 * scripts and links: the page could not read the response, but it could cause load. {@link allowOrigin} judges the
 * requests with an `Origin`; programs send neither header.
 */
export function allowSite({ origin, "sec-fetch-site": site }: IncomingHttpHeaders): void {
  if (origin === undefined && site === "cross-site")
    throw new HttpProblem(403, "Pages of other sites may not use this receiver.");
}
