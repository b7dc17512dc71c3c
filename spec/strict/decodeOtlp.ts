/**
 * Decodes a request of spans as strictly as the OpenTelemetry Collector does (pdata's `ptraceotlp`), in JSON and in
 * protobuf, and throws where it would answer 400. `npm run test:strict` checks these rules against the Collector's own
 * decoder. They are stricter in one respect: strings must be valid Unicode, which other receivers require.
 */

/** A message of the proto files: for each field name, its number, its type and whether it is a list. */
type Fields = Readonly<Record<string, readonly [number: number, type: string, isList?: boolean]>>;

const MESSAGES: Readonly<Record<string, Fields>> = {
  Request: { resourceSpans: [1, "ResourceSpans", true] },
  ResourceSpans: {
    resource: [1, "Resource"],
    scopeSpans: [2, "ScopeSpans", true],
    schemaUrl: [3, "string"],
  },
  Resource: { attributes: [1, "KeyValue", true], droppedAttributesCount: [2, "uint32"] },
  ScopeSpans: { scope: [1, "Scope"], spans: [2, "Span", true], schemaUrl: [3, "string"] },
  Scope: {
    name: [1, "string"],
    version: [2, "string"],
    attributes: [3, "KeyValue", true],
    droppedAttributesCount: [4, "uint32"],
  },
  Span: {
    traceId: [1, "id16"],
    spanId: [2, "id8"],
    traceState: [3, "string"],
    parentSpanId: [4, "id8"],
    name: [5, "string"],
    kind: [6, "kind"],
    startTimeUnixNano: [7, "fixed64"],
    endTimeUnixNano: [8, "fixed64"],
    attributes: [9, "KeyValue", true],
    droppedAttributesCount: [10, "uint32"],
    events: [11, "Event", true],
    droppedEventsCount: [12, "uint32"],
    links: [13, "Link", true],
    droppedLinksCount: [14, "uint32"],
    status: [15, "Status"],
    flags: [16, "fixed32"],
  },
  Event: {
    timeUnixNano: [1, "fixed64"],
    name: [2, "string"],
    attributes: [3, "KeyValue", true],
    droppedAttributesCount: [4, "uint32"],
  },
  Link: {
    traceId: [1, "id16"],
    spanId: [2, "id8"],
    traceState: [3, "string"],
    attributes: [4, "KeyValue", true],
    droppedAttributesCount: [5, "uint32"],
    flags: [6, "fixed32"],
  },
  Status: { message: [2, "string"], code: [3, "code"] },
  KeyValue: { key: [1, "string"], value: [2, "AnyValue"] },
  AnyValue: {
    stringValue: [1, "string"],
    boolValue: [2, "bool"],
    intValue: [3, "int64"],
    doubleValue: [4, "double"],
    arrayValue: [5, "ArrayValue"],
    kvlistValue: [6, "KeyValueList"],
    bytesValue: [7, "bytes"],
  },
  ArrayValue: { values: [1, "AnyValue", true] },
  KeyValueList: { values: [1, "KeyValue", true] },
};

/** Integers: their range, and the names that an enumeration has in JSON. */
const INTEGERS: Readonly<Record<string, readonly [least: bigint, most: bigint, names?: RegExp]>> = {
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  fixed64: [0n, 2n ** 64n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  fixed32: [0n, 2n ** 32n - 1n],
  kind: [
    -(2n ** 31n),
    2n ** 31n - 1n,
    /^SPAN_KIND_(UNSPECIFIED|INTERNAL|SERVER|CLIENT|PRODUCER|CONSUMER)$/,
  ],
  code: [-(2n ** 31n), 2n ** 31n - 1n, /^STATUS_CODE_(UNSET|OK|ERROR)$/],
};
const ID_BYTES: Readonly<Record<string, number>> = { id16: 16, id8: 8 };
const MAX_DEPTH = 100;

export type Decoded = Readonly<Record<string, unknown>>;

/** The spans of a request, as plain objects. */
export function decodeOtlp(body: Buffer, contentType: string): Decoded[] {
  const request = contentType.includes("protobuf")
    ? decodeMessage("Request", body, 0)
    : readMessage("Request", parseJson(utf8(body)));
  return (request["resourceSpans"] as Decoded[]).flatMap((resource) =>
    (resource["scopeSpans"] as Decoded[]).flatMap((scope) => scope["spans"] as Decoded[]),
  );
}

function refuse(why: string): never {
  throw new Error(why);
}

function utf8(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}

/** A number in JSON text, with all its digits. */
class Digits {
  constructor(readonly text: string) {}
}

/** Parses JSON so that numbers keep their digits. */
function parseJson(text: string): unknown {
  const marked = text.replaceAll(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (token) =>
    token.startsWith('"')
      ? token
      : Number.isFinite(Number(token))
        ? `{"#":"${token}"}`
        : refuse(`${token} is no number`),
  );
  JSON.parse(text);
  return JSON.parse(marked, (_key, value: unknown) =>
    typeof value === "object" && value !== null && "#" in value
      ? new Digits(String(value["#"]))
      : value,
  );
}

function readMessage(type: string, value: unknown): Decoded {
  const fields = MESSAGES[type] ?? {};
  const message: Record<string, unknown> = {};
  for (const [name, [, , isList]] of Object.entries(fields)) if (isList) message[name] = [];
  if (value === null) return message;
  if (typeof value !== "object" || Array.isArray(value) || value instanceof Digits)
    refuse(`${type} is no object`);
  for (const [key, member] of Object.entries(value)) {
    const name = key.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
    const [, kind, isList] = fields[name] ?? [0, ""];
    if (kind === "") continue;
    if (!isList) message[name] = readValue(kind, member);
    else if (Array.isArray(member)) message[name] = member.map((item) => readValue(kind, item));
    else if (member !== null) refuse(`${type}.${name} is no list`);
  }
  return message;
}

function readValue(type: string, value: unknown): unknown {
  if (type in MESSAGES) return readMessage(type, value);
  if (type === "bool") return typeof value === "boolean" ? value : refuse("no truth value");
  if (type === "double" || type in INTEGERS) {
    const digits = value instanceof Digits ? value.text : value;
    if (typeof digits !== "string") refuse(`${type} is ${String(value)}`);
    return readNumber(type, digits, value instanceof Digits);
  }
  const text = value ?? "";
  if (typeof text !== "string") refuse(`${type} is no text`);
  if (/\p{Surrogate}/u.test(text)) refuse(`${type} holds half a character`);
  const bytes = ID_BYTES[type];
  if (
    bytes !== undefined &&
    text !== "" &&
    !(text.length === 2 * bytes && /^[0-9a-f]*$/i.test(text))
  )
    refuse(`${text} is no id`);
  if (
    type === "bytes" &&
    !/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)|[A-Za-z0-9+/]{3}=)?$/.test(text)
  )
    refuse("no base64");
  return text;
}

function readNumber(type: string, digits: string, isNumber: boolean): unknown {
  const [least, most, names] = INTEGERS[type] ?? [];
  if (least === undefined || most === undefined) {
    const value = digits.trim() === digits ? Number(digits) : NaN;
    if (Number.isFinite(value)) return value;
    return !isNumber && /^[+-]?(?:NaN|Inf|Infinity)$/i.test(digits)
      ? digits
      : refuse(`double is ${digits}`);
  }
  if (!isNumber && names?.test(digits) === true) return digits;
  const isInteger = /^-?\d+$/.test(digits) && (isNumber || names === undefined);
  const value = isInteger ? BigInt(digits) : refuse(`${type} is ${digits}`);
  return value >= least && value <= most ? value : refuse(`${type} is ${digits}`);
}

function decodeMessage(type: string, bytes: Buffer, depth: number): Decoded {
  if (depth > MAX_DEPTH) refuse("too deep");
  const fields = Object.entries(MESSAGES[type] ?? {});
  const message: Record<string, unknown> = {};
  for (const [name, [, , isList]] of fields) if (isList) message[name] = [];
  let at = 0;
  const varint = (): bigint => {
    for (let value = 0n, shift = 0n; ; shift += 7n) {
      const byte = shift >= 64n ? undefined : bytes[at++];
      if (byte === undefined) refuse("no varint");
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const [number, wire] = [tag >> 3, tag & 7];
    if (number <= 0) refuse("no field number");
    const raw = wire === 0 ? varint() : undefined;
    const length = wire === 1 ? 8 : wire === 5 ? 4 : wire === 2 ? Number(varint()) : 0;
    if (![0, 1, 2, 5].includes(wire) || at + length > bytes.length) refuse("no field");
    const content = bytes.subarray(at, (at += length));
    const [name, [, kind, isList] = [0, ""]] = fields.find(([, each]) => each[0] === number) ?? [];
    if (name === undefined) continue;
    if (wire !== wireOf(kind)) refuse(`${type}.${name} has wire type ${wire}`);
    const value = decodeValue(kind, content, raw ?? 0n, depth);
    if (isList) (message[name] as unknown[]).push(value);
    else message[name] = value;
  }
  return message;
}

function wireOf(type: string): number {
  if (["bool", "int64", "uint32", "kind", "code"].includes(type)) return 0;
  if (type === "fixed64" || type === "double") return 1;
  return type === "fixed32" ? 5 : 2;
}

function decodeValue(type: string, content: Buffer, raw: bigint, depth: number): unknown {
  if (type in MESSAGES) return decodeMessage(type, content, depth + 1);
  if (type === "string") return utf8(content);
  if (type === "fixed64") return content.readBigUInt64LE();
  if (type === "double") return content.readDoubleLE();
  if (type === "fixed32") return BigInt(content.readUInt32LE());
  const bytes = ID_BYTES[type];
  if (bytes !== undefined && content.length !== 0 && content.length !== bytes) refuse("no id");
  if (bytes !== undefined) return content.toString("hex");
  if (type === "bytes") return content.toString("base64");
  if (type === "int64") return BigInt.asIntN(64, raw);
  return type === "bool" ? raw !== 0n : BigInt.asIntN(32, raw);
}
