import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";

/** How long what still comes of a refused request is read and thrown away, so that its sender can read the answer. */
const LINGER_MS = 1_000;

/** Sent with every answer: nothing of it is to be guessed at, kept, or embedded by other sites. */
export const COMMON_HEADERS = {
  "content-type": "application/json; charset=utf-8",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "cross-origin-resource-policy": "same-origin",
};

/** Answers with JSON, with protobuf when the answer is bytes, or with nothing when it is undefined. */
export function reply(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  answer: unknown,
  headers: OutgoingHttpHeaders,
): void {
  const bytes = answer instanceof Uint8Array;
  const body = bytes ? answer : answer === undefined ? "" : JSON.stringify(answer);
  const all = {
    ...COMMON_HEADERS,
    ...(bytes ? { "content-type": "application/x-protobuf" } : {}),
    ...headers,
    "content-length": Buffer.byteLength(body),
  };
  if (request.complete || status < 400) {
    response.writeHead(status, all).end(body);
    return;
  }
  // Ending now would close the socket on unread data: the kernel then resets it, and the answer is lost.
  response.writeHead(status, { ...all, connection: "close" }).write(body);
  const end = (): void => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(end, LINGER_MS).unref();
  request.once("end", end).once("close", end).resume();
}
