import type { IncomingHttpHeaders } from "node:http";
import { request as httpRequest } from "node:http";
import { Agent } from "node:http";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: unknown;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Record<string, string | readonly string[]>;
  readonly body?: string | Buffer;
}

/** Sends one request over its own connection, with any headers, some of which `fetch` does not allow. */
export function request(
  url: string,
  { method = "GET", headers = {}, body }: Asked = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      url,
      { method, headers: headers as Record<string, string>, agent: new Agent() },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString();
          const isJson =
            text !== "" && (response.headers["content-type"] ?? "").startsWith("application/json");
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            json: isJson ? JSON.parse(text) : undefined,
          });
        });
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

export function postJson(
  url: string,
  value: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return request(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(value),
  });
}
