import type * as http from "node:http";
import { promisify } from "node:util";
import { builtin } from "../shared/builtins.js";
import { untraced } from "../shared/untraced.js";
import { bytesOf } from "./DeliveryRecord.js";
import { HostLookup } from "./HostLookup.js";
import { clearTimeout, setTimeout } from "../shared/timers.js";

/** The most bytes that are read of a reply; a collector or PostHog sends a few hundred. */
export const MAX_REPLY_BYTES = 64 * 1024;

/** Where and how to send. */
export interface HttpTransportSettings {
  readonly url: string;
  readonly headers: () => Promise<Record<string, string>> | Record<string, string>;
  /** Timeout for one whole request: connecting, sending, waiting and reading. */
  readonly timeoutMillis: number;
  readonly compression: "gzip" | "none";
  /** With gzip, bodies up to this many bytes are sent uncompressed. Default 0. */
  readonly gzipAboveBytes?: number;
  readonly agentFactory: (protocol: string) => Promise<http.Agent> | http.Agent;
  /** The `User-Agent` header. Default: none. */
  readonly userAgent?: string;
}

/** The reply to a request, whatever its status. */
export interface HttpReply {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
  /** Whether the body was longer than `MAX_REPLY_BYTES` and was cut off. */
  readonly cut: boolean;
}

/** Either a reply or the reason why there is none. */
export type HttpResult = { readonly reply: HttpReply } | { readonly failure: string };

/** Sends requests to one URL. They follow no redirects, are not traced and never keep the process alive. */
export class HttpTransport {
  private readonly names = new HostLookup();
  private readonly active = new Set<AbortController>();
  private agent: Promise<http.Agent> | undefined;

  constructor(private readonly settings: HttpTransportSettings) {}

  /** Requests in flight. */
  get inFlight(): number {
    return this.active.size;
  }

  /** Sends one POST. Resolves within the timeout and never rejects. */
  async post(body: Uint8Array | string, contentType: string): Promise<HttpResult> {
    if (!URL.canParse(this.settings.url)) return { failure: "invalid_url" };
    const controller = new AbortController();
    const { signal } = controller;
    this.active.add(controller);
    const timer = setTimeout(() => controller.abort("timeout"), this.settings.timeoutMillis);
    timer.unref();
    const aborted = new Promise<HttpResult>((resolve) => {
      signal.addEventListener("abort", () => resolve({ failure: String(signal.reason) }));
    });
    try {
      const answer = untraced(() => this.send(body, contentType, signal));
      return await Promise.race([aborted, answer]);
    } catch {
      return { failure: "invalid_request" };
    } finally {
      clearTimeout(timer);
      this.active.delete(controller);
    }
  }

  /** Creates the agent once; this may load one of Node's modules. */
  async prepare(): Promise<http.Agent> {
    const { agentFactory, url } = this.settings;
    this.agent ??= (async () => agentFactory(new URL(url).protocol))();
    this.agent.catch(() => (this.agent = undefined));
    return this.agent;
  }

  /** Cancels pending DNS look-ups, which would keep the process alive at its natural end. */
  cancelLookups(): void {
    this.names.cancel();
  }

  /** Aborts every request with the failure `aborted` and closes every connection. */
  close(): void {
    this.cancelLookups();
    // Passing a reason saves Node from creating an error with a stack.
    for (const controller of this.active) controller.abort("aborted");
    this.agent?.then(
      (agent) => agent.destroy(),
      () => undefined,
    );
  }

  private async send(
    body: Uint8Array | string,
    contentType: string,
    signal: AbortSignal,
  ): Promise<HttpResult> {
    const { settings } = this;
    const url = new URL(settings.url);
    const headers: http.OutgoingHttpHeaders = {};
    if (settings.userAgent !== undefined) headers["user-agent"] = settings.userAgent;
    try {
      const given = Object.entries(await settings.headers());
      for (const [name, value] of given) headers[name.toLowerCase()] = value;
    } catch {
      return { failure: "headers" };
    }
    // A spooled record may have been written with a different protocol from the one configured now.
    headers["content-type"] = contentType;
    const agent = await this.prepare();
    let bytes = bytesOf(body);
    if (settings.compression === "gzip" && bytes.byteLength > (settings.gzipAboveBytes ?? 0)) {
      bytes = await promisify(builtin("node:zlib").gzip)(bytes);
      headers["content-encoding"] = "gzip";
    }
    headers["content-length"] = bytes.byteLength;
    const options = { method: "POST", agent, headers, lookup: this.names.lookup, signal };
    const first = await exchange(url, options, bytes);
    // An endpoint may close an idle connection at the moment we reuse it; that is not a failure of the endpoint.
    return first.stale ? (await exchange(url, options, bytes)).result : first.result;
  }
}

/** Sends one request and reads its reply. `stale` means that the other side had closed a reused connection. */
function exchange(
  url: URL,
  options: http.RequestOptions,
  body: Uint8Array,
): Promise<{ readonly result: HttpResult; readonly stale: boolean }> {
  const secure = url.protocol === "https:";
  const { request } = builtin(secure ? "node:https" : "node:http");
  return new Promise((resolve) => {
    const sent = request(url, options);
    const settle = (result: HttpResult, stale = false): void => resolve({ result, stale });
    sent.on("socket", (socket) => socket.unref());
    sent.on("response", (incoming) => readReply(incoming, (reply) => settle({ reply })));
    sent.on("error", (error: NodeJS.ErrnoException) => {
      const failure = describeError(error);
      settle({ failure }, sent.reusedSocket && failure === "reset");
    });
    sent.on("close", () => settle({ failure: "reset" }));
    sent.end(body);
  });
}

function readReply(incoming: http.IncomingMessage, done: (reply: HttpReply) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  const finish = (cut: boolean): void => {
    const body = Buffer.concat(chunks).subarray(0, MAX_REPLY_BYTES);
    done({ status: incoming.statusCode ?? 0, headers: incoming.headers, body, cut });
  };
  incoming.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size <= MAX_REPLY_BYTES) return;
    finish(true);
    incoming.destroy();
  });
  incoming.on("end", () => finish(false));
}

function describeError({ code = "" }: NodeJS.ErrnoException): string {
  if (code === "ECONNRESET" || code === "EPIPE") return "reset";
  if (code === "ECONNREFUSED") return "refused";
  if (code === "ETIMEOUT") return "dns_timeout";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "unknown_host";
  if (code.startsWith("HPE_")) return "garbage";
  if (/SSL|TLS|CERT|SELF_SIGNED|^EPROTO$|UNABLE_TO/.test(code)) return "tls";
  return code === "" ? "network" : `network_${code.toLowerCase()}`;
}
