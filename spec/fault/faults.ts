import type { ServerResponse } from "node:http";
import type { Behaviour, FarEnd } from "./FarEnd";

/** A way in which a far end goes wrong. */
export interface Fault {
  readonly name: string;
  /** `retry`: nothing is lost once it recovers; `final`: all is dropped and counted; `part`: one of each batch is. */
  readonly kind: "retry" | "final" | "part" | "none";
  /** Whether it keeps the client waiting. */
  readonly hangs?: boolean;
  /** The reasons for dropping that may be counted. */
  readonly reasons?: readonly string[];
  /** The host in the URL, and the protocol. */
  readonly host?: string;
  readonly protocol?: "https";
  /** Whether the name servers never answer. */
  readonly silentNames?: boolean;
  /** Makes the far end go wrong. */
  begin(farEnd: FarEnd): void | Promise<void>;
}

function behaves(behaviour: Behaviour): Pick<Fault, "begin"> {
  return {
    begin: (farEnd) => {
      farEnd.behaviour = behaviour;
    },
  };
}

function answers(
  status: number,
  headers: Record<string, string> = {},
  body = "",
): Pick<Fault, "begin"> {
  return behaves((response) => response.writeHead(status, headers).end(body));
}

const retryable = (status: number): Fault => ({
  name: String(status),
  kind: "retry",
  ...answers(status),
});
const final = (status: number): Fault => ({
  name: String(status),
  kind: "final",
  reasons: [`http_${status}`],
  ...answers(status),
});

/** Writes as fast as the client reads, and no faster. */
function pour(response: ServerResponse, bytes: number): void {
  const chunk = Buffer.alloc(64 * 1024, 0x20);
  let left = bytes;
  const write = (): void => {
    while (left > 0 && !response.destroyed) {
      left -= chunk.byteLength;
      if (!response.write(chunk)) {
        response.once("drain", write);
        return;
      }
    }
    response.end();
  };
  write();
}

const HUGE_REPLY = 64 * 1024 * 1024;

/** Everything that a collector or PostHog is known to do to its clients. */
export const FAULTS: readonly Fault[] = [
  { name: "healthy", kind: "none", begin: () => undefined },
  { name: "refused", kind: "retry", begin: (farEnd) => farEnd.close() },
  { name: "unknown host", kind: "retry", host: "collector.invalid", begin: () => undefined },
  {
    name: "hanging DNS",
    kind: "retry",
    hangs: true,
    host: "collector.invalid",
    silentNames: true,
    begin: () => undefined,
  },
  {
    name: "reset",
    kind: "retry",
    ...behaves((_response, request) => request.socket.resetAndDestroy()),
  },
  { name: "hang", kind: "retry", hangs: true, ...behaves(() => undefined) },
  {
    name: "headers then silence",
    kind: "retry",
    hangs: true,
    ...behaves((response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.flushHeaders();
    }),
  },
  {
    name: "a byte a second",
    kind: "retry",
    hangs: true,
    ...behaves((response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const timer = setInterval(() => response.write(" "), 1000);
      response.on("close", () => clearInterval(timer));
    }),
  },
  {
    name: "64 MB reply",
    kind: "retry",
    ...behaves((response) => {
      response.writeHead(200, { "content-type": "application/json" });
      pour(response, HUGE_REPLY);
    }),
  },
  {
    name: "garbage with 200",
    kind: "retry",
    ...answers(200, { "content-type": "text/html" }, "<html>Welcome to our hotel</html>"),
  },
  {
    name: "not HTTP",
    kind: "retry",
    ...behaves((_response, request) => request.socket.end("\u0000\u0001 nonsense \r\n\r\n")),
  },
  {
    name: "redirect",
    // Most likely a captive portal: the far end itself has not answered.
    kind: "retry",
    ...answers(302, { location: "http://127.0.0.1:9/" }),
  },
  { name: "TLS to a plain port", kind: "retry", protocol: "https", begin: () => undefined },
  ...[400, 401, 403, 404, 413].map(final),
  ...[408, 429, 500, 502, 503, 504].map(retryable),
  { name: "429, Retry-After 1", kind: "retry", ...answers(429, { "retry-after": "1" }) },
  { name: "503, Retry-After a day", kind: "retry", ...answers(503, { "retry-after": "86400" }) },
  {
    name: "partial success",
    kind: "part",
    reasons: ["rejected"],
    begin: (farEnd) => {
      farEnd.behaviour = (response, request, body) => {
        farEnd.accept(
          response,
          request,
          body,
          request.url?.includes("/v1/traces") === true
            ? '{"partialSuccess":{"rejectedSpans":"1","errorMessage":"no"}}'
            : "{}",
        );
      };
    },
  },
];
