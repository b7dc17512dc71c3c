import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import { suppressTracing } from "@opentelemetry/core";
import type { Agent, IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from "node:http";
import type { Agent as HttpsAgent } from "node:https";
import { HostLookup } from "./HostLookup.js";

/** No more than this is read of a reply, in bytes; those of a collector or PostHog have a few hundred. */
const MAX_REPLY_BYTES = 64 * 1024;

/** Where and how to send; the settings that the official exporter reads (`OtlpNodeHttpConfiguration`) fit. */
export interface HttpTransportSettings {
  readonly url: string;
  readonly headers: () => Promise<Record<string, string>> | Record<string, string>;
  /** The whole of one request: connecting, sending, waiting and reading. */
  readonly timeoutMillis: number;
  readonly compression: "gzip" | "none";
  /** With gzip, bodies up to this many bytes are sent as they are. Default 0. */
  readonly gzipAboveBytes?: number;
  readonly agentFactory: (
    protocol: string,
  ) => Promise<Agent> | Promise<HttpsAgent> | Agent | HttpsAgent;
  /** The `User-Agent` header. Default: none. */
  readonly userAgent?: string;
}

/** The endpoint answered with a status. */
export interface HttpReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The body was longer than what is read of one. */
  readonly cut: boolean;
}

/** Either a reply or a word for what went wrong. */
export type HttpResult = { readonly reply: HttpReply } | { readonly failure: string };

/** Sends requests to one URL. They follow no redirect, are not traced, and never keep the process alive. */
export class HttpTransport {
  private readonly names = new HostLookup();
  private readonly active = new Set<AbortController>();
  private agent: Promise<Agent> | undefined;

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
      // Without suppression an instrumented http would make spans of sending spans.
      const answer = context.with(suppressTracing(ROOT_CONTEXT), () =>
        this.attempt(body, contentType, signal),
      );
      return await Promise.race([aborted, answer]);
    } catch {
      return { failure: "invalid_request" };
    } finally {
      clearTimeout(timer);
      this.active.delete(controller);
    }
  }

  /** Ends the look-ups of names, which would hold the process at its natural end. */
  cancelLookups(): void {
    this.names.cancel();
  }

  /** Ends every request with the failure `aborted` and closes every connection. */
  close(): void {
    this.cancelLookups();
    // A reason of our own saves the making of an error.
    for (const controller of this.active) controller.abort("aborted");
    this.agent?.then(
      (agent) => agent.destroy(),
      () => undefined,
    );
  }

  private async attempt(
    body: Uint8Array | string,
    contentType: string,
    signal: AbortSignal,
  ): Promise<HttpResult> {
    const { userAgent } = this.settings;
    let given: Record<string, string>;
    try {
      given = await this.settings.headers();
    } catch {
      return { failure: "headers" };
    }
    const agent = await this.openAgent();
    const { bytes, encoding } = await this.compress(body);
    const headers = {
      ...(userAgent === undefined ? {} : { "user-agent": userAgent }),
      ...given,
      ...encoding,
      "content-type": contentType,
      "content-length": bytes.byteLength,
    };
    const first = await this.request(bytes, headers, agent, signal);
    // The endpoint may close a kept connection at the moment it is used, which is no failure of the endpoint.
    return first.stale ? (await this.request(bytes, headers, agent, signal)).result : first.result;
  }

  private async openAgent(): Promise<Agent> {
    const make = async (): Promise<Agent> =>
      this.settings.agentFactory(new URL(this.settings.url).protocol);
    try {
      return await (this.agent ??= make());
    } catch (error) {
      this.agent = undefined;
      throw error;
    }
  }

  /** Compresses off the main thread. */
  private async compress(
    body: Uint8Array | string,
  ): Promise<{ readonly bytes: Uint8Array; readonly encoding: OutgoingHttpHeaders }> {
    const bytes = typeof body === "string" ? Buffer.from(body) : body;
    const { compression, gzipAboveBytes = 0 } = this.settings;
    if (compression !== "gzip" || bytes.byteLength <= gzipAboveBytes)
      return { bytes, encoding: {} };
    const { gzip } = process.getBuiltinModule("node:zlib");
    return new Promise((resolve) => {
      gzip(bytes, (error, zipped) => {
        if (error === null) resolve({ bytes: zipped, encoding: { "content-encoding": "gzip" } });
        else resolve({ bytes, encoding: {} });
      });
    });
  }

  private request(
    body: Uint8Array,
    headers: OutgoingHttpHeaders,
    agent: Agent,
    signal: AbortSignal,
  ): Promise<{ readonly result: HttpResult; readonly stale: boolean }> {
    const url = new URL(this.settings.url);
    const { request } = process.getBuiltinModule(
      url.protocol === "https:" ? "node:https" : "node:http",
    );
    return new Promise((resolve) => {
      const options = { method: "POST", agent, headers, lookup: this.names.lookup, signal };
      const sent = request(url, options);
      sent.on("socket", (socket) => socket.unref());
      sent.on("response", (incoming) => {
        readReply(incoming, (reply) => {
          resolve({ result: { reply }, stale: false });
          // A reply that was cut is not read to its end.
          if (reply.cut) sent.destroy();
        });
      });
      sent.on("error", (error: NodeJS.ErrnoException) => {
        const failure = describeError(error);
        resolve({ result: { failure }, stale: sent.reusedSocket && failure === "reset" });
      });
      sent.on("close", () => resolve({ result: { failure: "reset" }, stale: false }));
      sent.end(body);
    });
  }
}

function readReply(incoming: IncomingMessage, done: (reply: HttpReply) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  const finish = (cut: boolean): void => {
    const body = Buffer.concat(chunks).subarray(0, MAX_REPLY_BYTES);
    done({ status: incoming.statusCode ?? 0, headers: incoming.headers, body, cut });
  };
  incoming.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size > MAX_REPLY_BYTES) finish(true);
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
