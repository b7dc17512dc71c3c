import { HttpProblem } from "./HttpProblem.js";
import { isLoopback } from "./isLoopback.js";

/** Origins of webviews: Tauri's own scheme (macOS, Linux) and VS Code's, which has a random host per view. */
const WEBVIEW = /^(?:tauri:\/\/localhost|vscode-webview:\/\/[a-z0-9.-]*)$/i;
/** A page on this machine; `tauri.localhost`, Tauri's origin on Windows and Android, is one. */
const LOCAL = /^https?:\/\/(?:\[([0-9a-f:]+)\]|([a-z0-9.-]+))(?::\d+)?$/i;
const MAX_SHOWN = 100;

/**
 * Refuses a request that a browser sends for a page of a foreign origin. Requests without `Origin` come from
 * programs, or from the receiver's own page, and pass.
 */
export function allowOrigin(origin: string | undefined, allowedOrigins: readonly string[]): void {
  if (origin === undefined || WEBVIEW.test(origin) || allowedOrigins.includes(origin)) return;
  const match = LOCAL.exec(origin);
  const host = match?.[1] ?? match?.[2];
  if (host !== undefined && isLoopback(host)) return;
  throw new HttpProblem(
    403,
    `Origin ${JSON.stringify(origin.slice(0, MAX_SHOWN))} may not use this receiver; allow it by \`allowedOrigins\`.`,
  );
}
