import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import { suppressTracing } from "@opentelemetry/core";
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Agents } from "./Agents.js";
import { compress } from "./compress.js";

/** A reply is read up to this many bytes and then cut; an OTLP or PostHog reply has a few hundred. */
export const MAX_REPLY_BYTES = 64 * 1024;

/** One POST. */
export interface PostRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
  /** All of it: connecting, sending, waiting and reading. */
  readonly timeoutMs: number;
  /** Bodies longer than this many bytes are sent gzipped. Default: none. */
  readonly gzipAboveBytes?: number;
  readonly agents: Agents;
  /** Ends the request early with the failure `aborted`. */
  readonly signal?: AbortSignal;
}

/** The far end answered with a status; the body may be cut. */
export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly cut: boolean;
}

/** Either a reply or a word for what went wrong. */
export type PostResult = { readonly reply: Reply } | { readonly failure: string };

/**
 * Posts once. Follows no redirect, resolves within `timeoutMs`, never throws, is not traced, and never keeps
 * the process alive.
 */
export async function post(request: PostRequest): Promise<PostResult> {
  const deadline = performance.now() + request.timeoutMs;
  try {
    const { body, headers } = await compress(request);
    const attempt = (): Promise<Attempt> =>
      postBytes({ ...request, headers }, body, deadline - performance.now());
    const first = await attempt();
    // A kept connection may have been closed by the far end just as it was used; this is no failure of it.
    return first.stale ? (await attempt()).result : first.result;
  } catch {
    return { failure: "invalid_request" };
  }
}

interface Attempt {
  readonly result: PostResult;
  readonly stale: boolean;
}

function postBytes(request: PostRequest, body: Uint8Array, timeoutMs: number): Promise<Attempt> {
  return new Promise((resolve) => {
    let outgoing: ClientRequest | undefined;
    const settle = (result: PostResult, stale = false): void => {
      clearTimeout(timer);
      request.signal?.removeEventListener("abort", onAbort);
      resolve({ result, stale });
      outgoing?.destroy();
    };
    const onAbort = (): void => settle({ failure: "aborted" });
    const timer = setTimeout(() => settle({ failure: "timeout" }), Math.max(0, timeoutMs));
    timer.unref();
    if (request.signal?.aborted === true) {
      onAbort();
      return;
    }
    request.signal?.addEventListener("abort", onAbort);

    try {
      // Without a parent and untraced, or an instrumented http would make spans of sending spans.
      context.with(suppressTracing(ROOT_CONTEXT), () => {
        const sent = (outgoing = request.agents.post(request.url, {
          ...request.headers,
          "content-length": body.byteLength,
        }));
        sent.on("socket", (socket) => socket.unref());
        sent.on("response", (incoming) => read(incoming, (reply) => settle({ reply })));
        sent.on("error", (error: NodeJS.ErrnoException) => {
          settle({ failure: describeError(error) }, sent.reusedSocket && isReset(error.code));
        });
        sent.on("close", () => settle({ failure: "reset" }));
        sent.end(body);
      });
    } catch (error) {
      clearTimeout(timer);
      throw error;
    }
  });
}

function read(incoming: IncomingMessage, done: (reply: Reply) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  const finish = (cut: boolean): void => {
    const body = Buffer.concat(chunks).subarray(0, MAX_REPLY_BYTES).toString("utf8");
    done({ status: incoming.statusCode ?? 0, headers: incoming.headers, body, cut });
  };
  incoming.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size > MAX_REPLY_BYTES) finish(true);
  });
  incoming.on("end", () => finish(false));
}

function isReset(code: string | undefined): boolean {
  return code === "ECONNRESET" || code === "EPIPE";
}

function describeError({ code = "" }: NodeJS.ErrnoException): string {
  if (isReset(code)) return "reset";
  if (code === "ECONNREFUSED") return "refused";
  if (code === "ETIMEOUT") return "dns_timeout";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "unknown_host";
  if (code.startsWith("HPE_")) return "garbage";
  if (/SSL|TLS|CERT|SELF_SIGNED|^EPROTO$|UNABLE_TO/.test(code)) return "tls";
  return code === "" ? "network" : `network_${code.toLowerCase()}`;
}
