import { attempt } from "../shared/attempt.js";
import { builtin } from "../shared/builtins.js";
import { diagnoseSetting, HIDDEN } from "../shared/diagnostics.js";
import { isGroup } from "./normaliseOptions.js";
import { parseKeyPairs } from "./parsers.js";
import type { SettingReader } from "./SettingReader.js";

const VARIABLES = ["OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS"];
/** Headers about the connection or the framing of the body, which only the transport sets (RFC 9110, 7.6.1 and 8.6). */
const OF_THE_TRANSPORT: readonly string[] = [
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "expect",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];
const ACCEPTED = "a name and a value that HTTP can carry and the transport does not set itself";

/**
 * The headers of every request to the collector, keyed by name in lower case: those from the variables, overridden by
 * those from the option. A pair that HTTP cannot carry is left out, because it would make every request fail.
 */
export function readHeaders(
  settings: SettingReader,
  option: unknown,
): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  const take = (source: string, name: string, value: unknown): void => {
    const text = typeof value === "number" ? String(value) : value;
    if (typeof text === "string" && isCarried(name, text)) headers[name.toLowerCase()] = text;
    else diagnoseSetting(`${source} ${name}`, HIDDEN, ACCEPTED, "The pair is left out.");
    settings.sources["otlp.headers"] = source;
  };
  settings.sources["otlp.headers"] = "default";
  for (const variable of VARIABLES) {
    const pairs = parseKeyPairs(variable, settings.variable(variable) ?? "");
    for (const [name, value] of Object.entries(pairs)) take(variable, name, value);
  }
  if (isGroup(option))
    for (const [name, value] of Object.entries(option)) take("otlp.headers", name, value);
  else if (option !== undefined && option !== null)
    diagnoseSetting("otlp.headers", HIDDEN, "an object of names and values", "It is left out.");
  return Object.freeze(headers);
}

/** Whether Node itself would accept this header when it makes the request, and it is not one of the transport's. */
function isCarried(name: string, value: string): boolean {
  if (OF_THE_TRANSPORT.includes(name.toLowerCase())) return false;
  const http = builtin("node:http");
  const valid = attempt(() => {
    http.validateHeaderName(name);
    http.validateHeaderValue(name, value);
    return true;
  });
  return valid === true;
}
