/** Wire types, from "Encoding" in the protobuf documentation; type 0, a varint, has no name here. */
const FIXED_64 = 1;
export const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;
/** A varint has at most ten bytes. */
const MAX_VARINT_BITS = 70;

/** One field of a message. */
export interface Field {
  readonly number: number;
  readonly type: number;
  /** The bytes of the field, with its tag. */
  readonly whole: Buffer;
  /** The content of a length-delimited field; empty for others. */
  readonly content: Buffer;
  /** The value of a varint, exact up to 2^53; for other fields, the length of their data in bytes. */
  readonly value: number;
}

/** The fields of a message, in order. Throws if it is not valid protobuf. */
export function* fieldsOf(message: Buffer): Generator<Field> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let bits = 0; bits < MAX_VARINT_BITS; bits += 7) {
      const byte = message[at++];
      if (byte === undefined) break;
      value += (byte & 0x7f) * 2 ** bits;
      if (byte < 0x80) return value;
    }
    throw new RangeError("not a varint");
  };
  while (at < message.length) {
    const start = at;
    const tag = varint();
    const [number, type] = [Math.floor(tag / 8), tag % 8];
    if (number === 0) throw new RangeError("no field has the number 0");
    const value = type === FIXED_64 ? 8 : type === FIXED_32 ? 4 : varint();
    const from = at;
    if (type !== 0) at += value;
    if (![0, FIXED_64, LENGTH_DELIMITED, FIXED_32].includes(type) || at > message.length)
      throw new RangeError("not a field");
    const content = message.subarray(from, type === LENGTH_DELIMITED ? at : from);
    yield { number, type, whole: message.subarray(start, at), content, value };
  }
}

/** Encodes a length-delimited field. */
export function field(number: number, content: Uint8Array): Buffer {
  const head = [...varintOf(number * 8 + LENGTH_DELIMITED), ...varintOf(content.length)];
  return Buffer.concat([Buffer.from(head), content]);
}

function varintOf(value: number): number[] {
  return value < 0x80 ? [value] : [(value % 0x80) + 0x80, ...varintOf(Math.floor(value / 0x80))];
}
