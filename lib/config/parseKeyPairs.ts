import { diagnoseSetting } from "../shared/diagnose.js";

/**
 * Reads `key=value,key=value`, both percent-encoded, the form of `OTEL_RESOURCE_ATTRIBUTES` and
 * `OTEL_EXPORTER_OTLP_HEADERS` (both follow the W3C baggage format without properties).
 * A pair that does not fit is reported and left out.
 */
export function parseKeyPairs(name: string, value: string | undefined): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (const pair of (value ?? "").split(",")) {
    if (pair.trim() === "") continue;
    const equals = pair.indexOf("=");
    const key = equals > 0 ? decode(pair.slice(0, equals).trim()) : undefined;
    const decoded = decode(pair.slice(equals + 1).trim());
    if (key === undefined || key === "" || key === "__proto__" || decoded === undefined) {
      // The pair itself may be a credential, so only its key is shown.
      diagnoseSetting(
        name,
        key ? `${key}=…` : "…",
        "key=value pairs, percent-encoded, separated by commas",
        "The pair is left out.",
      );
      continue;
    }
    pairs[key] = decoded;
  }
  return pairs;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replace(/^"|"$/g, ""));
  } catch {
    return undefined;
  }
}
