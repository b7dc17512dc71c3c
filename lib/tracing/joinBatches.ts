import type { Parcel } from "../delivery/Parcel.js";
import type { ReadBuffer } from "../delivery/disk/ReadBuffer.js";

/** How the official serializer begins and ends every JSON request of spans. */
const HEAD = '{"resourceSpans":[';
const TAIL = "]}";
const OPENING_BRACE = 0x7b;

/**
 * One request body of several batches of the same content type, as a replay sends them. JSON batches are joined
 * inside their list; protobuf ones one behind the other, which the encoding takes for one message with the lists of
 * both (protobuf encoding, "Last One Wins": repeated fields are appended).
 *
 * @param memory What the joined body is made in; it is valid until the next call with the same. Without it, each
 *   request of a long replay would leave a megabyte to the garbage collector.
 */
export function joinBatches(parcels: readonly Parcel[], memory: ReadBuffer): Uint8Array | string {
  const [first] = parcels;
  if (parcels.length === 1 || first === undefined) return first?.body ?? "";
  const bodies = parcels.map(({ body }) => bytesOf(body));
  if (bodies[0]?.[0] !== OPENING_BRACE) return concat(bodies, memory);
  const lists = bodies.map((body) => listOf(body)).filter((list) => list.length > 0);
  const comma = Buffer.from(",");
  return concat(
    [
      Buffer.from(HEAD),
      ...lists.flatMap((list, index) => (index === 0 ? [list] : [comma, list])),
      Buffer.from(TAIL),
    ],
    memory,
  );
}

function concat(pieces: readonly Buffer[], memory: ReadBuffer): Buffer {
  memory.reset();
  const whole = memory.take(pieces.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let offset = 0;
  for (const piece of pieces) offset += piece.copy(whole, offset);
  return whole;
}

function bytesOf(body: Uint8Array | string): Buffer {
  return typeof body === "string"
    ? Buffer.from(body)
    : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}

/** What stands in the list of a JSON batch. Throws for anything else, so that the batches are sent one by one. */
function listOf(body: Buffer): Buffer {
  const end = body.length - TAIL.length;
  if (
    end < HEAD.length ||
    body.toString("latin1", 0, HEAD.length) !== HEAD ||
    body.toString("latin1", end) !== TAIL
  ) {
    throw new Error("not a request of spans as the official serializer writes it");
  }
  return body.subarray(HEAD.length, end);
}
