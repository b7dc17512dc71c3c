const utf8 = new TextEncoder();

/** Bytes with the one method of Node's buffers that the shared code calls. */
class Bytes extends Uint8Array {
  override toString(encoding?: string): string {
    if (encoding === "latin1") return String.fromCharCode(...this);
    return new TextDecoder().decode(this);
  }
}

/** The parts of Node's `Buffer` that the shared code uses. */
export const Buffer = {
  byteLength: (body: string | Uint8Array): number =>
    typeof body === "string" ? utf8.encode(body).byteLength : body.byteLength,

  from(source: string | ArrayBuffer, encoding?: string | number, length?: number): Uint8Array {
    if (typeof source !== "string") return new Bytes(source, encoding as number, length);
    return encoding === undefined ? copyOf(utf8.encode(source)) : copyOf(decode(source, encoding));
  },
};

function copyOf(values: ArrayLike<number>): Uint8Array {
  const bytes = new Bytes(values.length);
  bytes.set(values);
  return bytes;
}

function decode(source: string, encoding: string | number): readonly number[] {
  if (encoding === "hex")
    return (source.match(/[\da-f]{2}/gi) ?? []).map((pair) => Number.parseInt(pair, 16));
  try {
    const text = atob(source.replaceAll("-", "+").replaceAll("_", "/").replaceAll("=", ""));
    return Array.from(text, (character) => character.charCodeAt(0));
  } catch {
    return [];
  }
}
