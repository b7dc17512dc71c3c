import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createGunzip } from "node:zlib";

/** A list of header names (RFC 9110, section 5.6.2), as a preflight requests them. */
const HEADER_NAMES = /^[!#$%&'*+.^_`|~0-9a-z, -]{1,1000}$/i;
/** How long the rest of a refused request is read and discarded, so that its sender can read the response. */
const LINGER_MS = 1_000;

/** Sent with every response: no type sniffing, no caching and no embedding by other sites. */
export const COMMON_HEADERS = {
  "content-type": "application/json; charset=utf-8",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "cross-origin-resource-policy": "same-origin",
};

/** A host and port as in a URL, in which an IPv6 address has brackets (RFC 3986, section 3.2.2). */
export function authorityOf(host: string, port: number): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** Thrown to answer a request with an error status and a reason. */
export class HttpProblem extends Error {
  override readonly name = "HttpProblem";

  constructor(
    readonly status: number,
    reason: string,
    readonly headers: OutgoingHttpHeaders = {},
  ) {
    super(reason);
  }
}

/** Limits the size of each request body, and the sum of all bodies in memory at the same time. */
export class BodyBudget {
  constructor(
    readonly maxBodyBytes: number,
    /** Bytes that all bodies together may still take. Whoever is done with a body must add its bytes back. */
    public left: number,
  ) {}

  /** Reserves bytes for a body that already has `before`; throws an HttpProblem when a limit is exceeded. */
  take(bytes: number, before: number): void {
    if (before + bytes > this.maxBodyBytes) throw this.tooLarge();
    if (bytes > this.left) throw this.tooBusy();
    this.left -= bytes;
  }

  tooLarge(): HttpProblem {
    const reason = `The body is larger than ${this.maxBodyBytes} bytes, or unpacks to more`;
    return new HttpProblem(413, `${reason}; send smaller batches.`);
  }

  tooBusy(): HttpProblem {
    const headers = { "retry-after": "1" };
    return new HttpProblem(503, "Too many large bodies at one time; try again.", headers);
  }
}

/**
 * Reads a plain or gzipped body chunk by chunk, so that a gzip bomb is refused as soon as it passes the limit.
 * The bytes of the result stay reserved in the budget until the caller adds them back. Rejects with an HttpProblem,
 * after which the rest of the request is discarded as it arrives.
 */
export async function readBody(request: IncomingMessage, budget: BodyBudget): Promise<Buffer> {
  const encoding = (request.headers["content-encoding"] ?? "").trim().toLowerCase();
  const packed = encoding === "gzip" || encoding === "x-gzip";
  if (!packed && encoding !== "identity" && encoding !== "")
    throw new HttpProblem(415, "This Content-Encoding is not understood; send gzip or none.", {
      "accept-encoding": "gzip",
    });
  if (Number(request.headers["content-length"]) > budget.maxBodyBytes) throw budget.tooLarge();
  const source = packed ? unpack(request, budget) : request.iterator({ destroyOnReturn: false });
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      budget.take(chunk.length, bytes);
      bytes += chunk.length;
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    budget.left += bytes;
    request.unpipe().resume();
    if (error instanceof HttpProblem) throw error;
    if (request.destroyed && !request.complete) throw new HttpProblem(499, "The caller went away.");
    throw new HttpProblem(400, "The body is not the gzip that Content-Encoding says it is.");
  }
}

function unpack(request: IncomingMessage, budget: BodyBudget) {
  const gunzip = createGunzip();
  let wireBytes = 0;
  // Counted separately from the output: any number of empty gzip members decompress to nothing.
  request.on("data", (chunk: Buffer) => {
    wireBytes += chunk.length;
    if (wireBytes > budget.maxBodyBytes) gunzip.destroy(budget.tooLarge());
  });
  request.once("close", () => {
    if (!request.complete) gunzip.destroy(new HttpProblem(499, "The caller went away."));
  });
  return request.pipe(gunzip);
}

/** The headers that let a page of an allowed origin send here and read the response; `methods` is for a preflight. */
export function corsHeaders(
  headers: IncomingHttpHeaders,
  methods: string | undefined,
): OutgoingHttpHeaders {
  if (headers.origin === undefined) return {};
  const shared = {
    "access-control-allow-origin": headers.origin,
    // sendBeacon, which the browser exporters use, always sends in credentials mode; there are no credentials here.
    "access-control-allow-credentials": "true",
    vary: "origin",
  };
  if (methods === undefined) return shared;
  const asked = headers["access-control-request-headers"] ?? "";
  const isPrivate = headers["access-control-request-private-network"] === "true";
  return {
    ...shared,
    "access-control-allow-methods": methods,
    "access-control-allow-headers": HEADER_NAMES.test(asked)
      ? asked
      : "content-type, content-encoding",
    "access-control-max-age": "600",
    ...(isPrivate ? { "access-control-allow-private-network": "true" } : {}),
  };
}

/** Sends `answer` as JSON, or as protobuf if it is bytes; sends no body if it is undefined. */
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
  // Ending now would close the socket with data unread: the kernel would then reset it and the response be lost.
  response.writeHead(status, { ...all, connection: "close" }).write(body);
  const end = (): unknown => response.end();
  setTimeout(end, LINGER_MS).unref();
  request.once("end", end).once("close", end).resume();
}
