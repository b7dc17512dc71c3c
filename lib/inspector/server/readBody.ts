import type { IncomingMessage } from "node:http";
import { createGunzip } from "node:zlib";
import type { ByteBudget } from "./ByteBudget.js";
import { HttpProblem } from "./HttpProblem.js";

export interface BodyLimits {
  /** Bytes of one body, packed and unpacked. */
  readonly maxBodyBytes: number;
  /** Bytes of all bodies at one time. */
  readonly budget: ByteBudget;
}

/**
 * Reads a body that is plain or gzipped, chunk by chunk, so that a bomb is noticed when it passes the limit
 * and not after. The bytes of the result stay taken from the budget: the caller gives them back. Rejects with
 * an HttpProblem, after which the rest of the request is discarded as it comes.
 */
export function readBody(request: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  const encoding = (request.headers["content-encoding"] ?? "identity").trim().toLowerCase();
  const packed = encoding === "gzip" || encoding === "x-gzip";
  if (!packed && encoding !== "identity" && encoding !== "") {
    return Promise.reject(
      new HttpProblem(415, "This Content-Encoding is not understood; send gzip or none.", {
        "accept-encoding": "gzip",
      }),
    );
  }
  if (Number(request.headers["content-length"]) > limits.maxBodyBytes)
    return Promise.reject(tooLarge(limits.maxBodyBytes));
  return collect(request, packed, limits);
}

export function tooLarge(maxBodyBytes: number): HttpProblem {
  return new HttpProblem(
    413,
    `The body is larger than ${maxBodyBytes} bytes, or unpacks to more; send smaller batches.`,
  );
}

export function tooBusy(): HttpProblem {
  return new HttpProblem(503, "Too many large bodies at one time; try again.", {
    "retry-after": "1",
  });
}

function collect(
  request: IncomingMessage,
  packed: boolean,
  { maxBodyBytes, budget }: BodyLimits,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const gunzip = packed ? createGunzip() : undefined;
    const source = gunzip ?? request;
    const chunks: Buffer[] = [];
    let bytes = 0;
    let wireBytes = 0;

    const stop = (): void => {
      request.off("data", countWire).off("close", onClose);
      source.off("data", onData).off("end", onEnd);
      if (gunzip !== undefined) {
        request.unpipe(gunzip);
        gunzip.destroy();
      }
      request.resume();
    };
    const fail = (problem: HttpProblem): void => {
      stop();
      budget.give(bytes);
      bytes = 0;
      reject(problem);
    };
    // Counted apart from what comes out: any number of empty gzip members unpack to nothing.
    const countWire = (chunk: Buffer): void => {
      wireBytes += chunk.length;
      if (wireBytes > maxBodyBytes) fail(tooLarge(maxBodyBytes));
    };
    const onData = (chunk: Buffer): void => {
      if (bytes + chunk.length > maxBodyBytes) fail(tooLarge(maxBodyBytes));
      else if (!budget.take(chunk.length)) fail(tooBusy());
      else {
        bytes += chunk.length;
        chunks.push(chunk);
      }
    };
    const onEnd = (): void => {
      stop();
      resolve(Buffer.concat(chunks));
    };
    const onClose = (): void => {
      if (!request.complete) fail(new HttpProblem(499, "The caller went away."));
    };

    request.on("data", countWire).on("close", onClose);
    source.on("data", onData).on("end", onEnd);
    gunzip?.on("error", () =>
      fail(new HttpProblem(400, "The body is not the gzip that Content-Encoding says it is.")),
    );
    if (gunzip !== undefined) request.pipe(gunzip);
  });
}
