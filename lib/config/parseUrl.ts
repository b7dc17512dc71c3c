import { diagnoseSetting } from "../shared/diagnose.js";

const TRACES_PATH = "/v1/traces";

/** Reads an http or https URL; empty and unset are undefined, anything else is reported and taken as unset. */
export function parseUrl(name: string, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  let accepted = "an http:// or https:// URL";
  if (typeof value === "string") {
    const text = value.trim();
    if (text === "") return undefined;
    const url = tryUrl(text);
    if (
      url !== undefined &&
      (url.protocol === "http:" || url.protocol === "https:") &&
      url.hostname !== ""
    ) {
      if (hasReadableCredentials(url)) return text;
      accepted += " whose credentials are percent-encoded, a percent sign as %25";
    }
  }
  diagnoseSetting(name, value, accepted, "It is taken as unset.");
  return undefined;
}

/**
 * The traces endpoint of a base URL: `/v1/traces` is appended unless the path already ends so; a path prefix
 * and a query are kept. (The OTLP exporter specification, "Endpoint URLs for OTLP/HTTP".)
 */
export function tracesEndpoint(base: string): string {
  return withPath(base, (path) => (path.endsWith(TRACES_PATH) ? path : path + TRACES_PATH));
}

/** The URL that events are posted to: the host with its path prefix, and `/batch/`. */
export function batchEndpoint(host: string): string {
  return withPath(
    host,
    (path) => `${path.endsWith("/batch") ? path.slice(0, -"/batch".length) : path}/batch/`,
  );
}

/** `base` has been read by `parseUrl`. */
function withPath(base: string, change: (path: string) => string): string {
  const url = new URL(base);
  url.hash = "";
  url.pathname = change(url.pathname.replace(/\/+$/, ""));
  return url.href;
}

/** They are sent decoded; node:http makes no request with others. */
function hasReadableCredentials({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username);
    decodeURIComponent(password);
    return true;
  } catch {
    return false;
  }
}

function tryUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
