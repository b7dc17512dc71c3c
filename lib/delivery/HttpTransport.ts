import type { Agent, IncomingHttpHeaders } from "node:http";
import type { Agent as HttpsAgent } from "node:https";

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
