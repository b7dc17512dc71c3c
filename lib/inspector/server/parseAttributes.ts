import type { ReceivedAttributes } from "./ReceivedSpan.js";
import { asArray, asObject, asText } from "./jsonMembers.js";

/**
 * OTLP's list of keys and typed values as a plain record. `Object.fromEntries` defines its members, so that a
 * key such as `__proto__` is only a name.
 */
export function parseAttributes(list: unknown): ReceivedAttributes {
  return Object.fromEntries(
    asArray(list).map((item) => {
      const attribute = asObject(item);
      return [asText(attribute?.["key"]), parseAnyValue(attribute?.["value"])];
    }),
  );
}

/** One AnyValue (opentelemetry-proto, common.proto). A 64-bit integer that a double cannot hold stays text. */
function parseAnyValue(value: unknown): unknown {
  const any = asObject(value);
  if (any === undefined) return null;
  if ("stringValue" in any) return any["stringValue"];
  if ("boolValue" in any) return any["boolValue"];
  if ("intValue" in any) return parseInteger(any["intValue"]);
  if ("doubleValue" in any) return any["doubleValue"];
  if ("bytesValue" in any) return any["bytesValue"];
  const list = asObject(any["arrayValue"]);
  if (list !== undefined) return asArray(list["values"]).map(parseAnyValue);
  const record = asObject(any["kvlistValue"]);
  return record === undefined ? null : parseAttributes(record["values"]);
}

function parseInteger(value: unknown): unknown {
  if (typeof value !== "string" || !/^-?\d+$/.test(value)) return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
