import type { Batch } from "./Batch.js";
import type { JsonBytes } from "./JsonBytes.js";
import type { KnownMembers, MemberStart } from "./KnownMembers.js";

const COMMA = 44;
/** Keys are few; those made up of data are not worth keeping. */
const MAX_KEYS = 2_000;
/** Nor are long ones; in characters. */
const MAX_KEY_LENGTH = 128;
const bytesOf = (text: string): Uint8Array => Buffer.from(text);

const STRING = bytesOf('{"stringValue":"');
const STRING_END = bytesOf('"}');
const INTEGER = bytesOf('{"intValue":');
const DOUBLE = bytesOf('{"doubleValue":');
const TRUE = bytesOf('{"boolValue":true}');
const FALSE = bytesOf('{"boolValue":false}');
const BYTES = bytesOf('{"bytesValue":"');
const LIST = bytesOf('{"arrayValue":{"values":[');
const MAP = bytesOf('{"kvlistValue":{"values":[');
const CONTAINER_END = bytesOf("]}}");
const NOTHING = bytesOf("{}");
const KEY = bytesOf('{"key":');
const VALUE = bytesOf(',"value":');
const TEXT_MEMBER_END = bytesOf('"}}');
const END = 125;

/** Attributes as OTLP/JSON writes them, `[{"key":…,"value":{…}},…]` without the brackets. Keys are remembered. */
export class JsonAttributes {
  readonly #starts = new Map<string, MemberStart>();

  /** Writes attributes that are redacted already. */
  write(out: JsonBytes, attributes: object): void {
    const source = attributes as Readonly<Record<string, unknown>>;
    const keys = Object.keys(source);
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index] as string;
      if (index > 0) out.sign(COMMA);
      writeMember(out, this.#startOf(key), source[key]);
    }
  }

  /** Writes attributes of a batch's spans, redacted; those that are as known, as they were written then, and neighbours among them in one go. */
  redact(out: JsonBytes, attributes: object, batch: Batch, known: KnownMembers): void {
    const source = attributes as Readonly<Record<string, unknown>>;
    const keys = Object.keys(source);
    const { length } = keys;
    let index = 0;
    while (index < length) {
      if (index > 0) out.sign(COMMA);
      let key = keys[index] as string;
      let value = source[key];
      if (known.has(index, key, value)) {
        const from = known.from(index);
        let to = known.to(index);
        index++;
        while (index < length && known.from(index) === to + 1) {
          key = keys[index] as string;
          value = source[key];
          if (!known.has(index, key, value)) break;
          to = known.to(index);
          index++;
        }
        out.again(from, to);
      } else {
        const from = out.length;
        const start = known.startOf(index, key) ?? this.#startOf(key);
        writeMember(out, start, batch.redactor.attribute(key, value));
        known.keep(index, key, start, batch.remembers(value) ? value : NaN, from, out.length);
        index++;
      }
    }
  }

  #startOf(key: string): MemberStart {
    const known = this.#starts.get(key);
    if (known !== undefined) return known;
    const other = Buffer.concat([KEY, bytesOf(JSON.stringify(key)), VALUE]);
    const start = { other, text: Buffer.concat([other, STRING]) };
    if (this.#starts.size < MAX_KEYS && key.length <= MAX_KEY_LENGTH) this.#starts.set(key, start);
    return start;
  }
}

function writeMember(out: JsonBytes, start: MemberStart, value: unknown): void {
  if (typeof value === "string") {
    out.raw(start.text);
    out.text(value);
    out.raw(TEXT_MEMBER_END);
  } else {
    out.raw(start.other);
    writeValue(out, value);
    out.sign(END);
  }
}

/** OTLP's `AnyValue`. What JSON cannot hold is an empty one. */
function writeValue(out: JsonBytes, value: unknown): void {
  switch (typeof value) {
    case "string":
      out.raw(STRING);
      out.text(value);
      out.raw(STRING_END);
      return;
    case "number":
      out.raw(Number.isInteger(value) ? INTEGER : DOUBLE);
      out.number(value);
      out.sign(END);
      return;
    case "boolean":
      out.raw(value ? TRUE : FALSE);
      return;
    case "object":
      if (value !== null) {
        writeObject(out, value);
        return;
      }
      break;
    default:
  }
  out.raw(NOTHING);
}

function writeObject(out: JsonBytes, value: object): void {
  if (value instanceof Uint8Array) {
    out.raw(BYTES);
    out.ascii(Buffer.from(value).toString("base64"));
    out.raw(STRING_END);
    return;
  }
  if (Array.isArray(value)) {
    out.raw(LIST);
    for (let index = 0; index < value.length; index++) {
      if (index > 0) out.sign(COMMA);
      writeValue(out, (value as readonly unknown[])[index]);
    }
  } else {
    out.raw(MAP);
    Object.keys(value).forEach((key, index) => {
      if (index > 0) out.sign(COMMA);
      out.raw(KEY);
      out.string(key);
      out.raw(VALUE);
      writeValue(out, (value as Readonly<Record<string, unknown>>)[key]);
      out.sign(END);
    });
  }
  out.raw(CONTAINER_END);
}
