import { context, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { isTracingSuppressed } from "@opentelemetry/core";
import { once } from "node:events";
import * as http from "node:http";
import * as net from "node:net";
import { HttpTransport } from "../../lib/delivery/HttpTransport";
import type { FaultServer } from "./support/faultServer";
import { startFaultServer } from "./support/faultServer";
import { settingsFor, until } from "./support/makeQueue";

let server: FaultServer;
beforeEach(async () => {
  server = await startFaultServer();
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});
afterEach(async () => {
  context.disable();
  await server.close();
});

describe("the HTTP transport", () => {
  it("calls everything untraced and without a parent span", async () => {
    const seen: [suppressed: boolean, parent: boolean][] = [];
    const look = (): void => {
      const active = context.active();
      seen.push([isTracingSuppressed(active), trace.getSpan(active) !== undefined]);
    };
    const agent = new http.Agent();
    const transport = new HttpTransport(
      settingsFor(server.url, {
        headers: async () => {
          look();
          await Promise.resolve();
          return {};
        },
        agentFactory: () => {
          look();
          return Object.assign(agent, {
            createConnection: (...given: Parameters<http.Agent["createConnection"]>) => {
              look();
              return http.Agent.prototype.createConnection.apply(agent, given);
            },
          });
        },
      }),
    );
    const span = trace.wrapSpanContext({ traceId: "1", spanId: "1", traceFlags: 1 });
    await context.with(trace.setSpan(ROOT_CONTEXT, span), () => transport.post("{}", "text/plain"));
    expect(server.taken).toEqual(["{}"]);
    expect(seen).toEqual(Array(3).fill([true, false]));
    transport.close();
  });

  it("reports an answer that is not HTTP as garbage, and one that is not TLS as a TLS failure", async () => {
    const junk = net.createServer((socket) => socket.end("not HTTP at all\r\n\r\n"));
    junk.listen(0, "127.0.0.1");
    await once(junk, "listening");
    const { port } = junk.address() as net.AddressInfo;
    const transport = new HttpTransport(settingsFor(`http://127.0.0.1:${port}`));
    expect(await transport.post("{}", "text/plain")).toEqual({ failure: "garbage" });
    const secure = new HttpTransport(settingsFor(`https://127.0.0.1:${port}`));
    expect(await secure.post("{}", "text/plain")).toEqual({ failure: "tls" });
    secure.close();
    transport.close();
    junk.close();
  });

  it.each([
    ["ECONNREFUSED", "refused"],
    ["ECONNRESET", "reset"],
    ["EPIPE", "reset"],
    ["ETIMEOUT", "dns_timeout"],
    ["ENOTFOUND", "unknown_host"],
    ["EAI_AGAIN", "unknown_host"],
    ["HPE_INVALID_CONSTANT", "garbage"],
    ["CERT_HAS_EXPIRED", "tls"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "tls"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "tls"],
    ["ERR_SSL_WRONG_VERSION_NUMBER", "tls"],
    ["EPROTO", "tls"],
    ["EHOSTUNREACH", "network_ehostunreach"],
    [undefined, "network"],
  ])("reports a connection that fails with %s as %s", async (code, failure) => {
    const createConnection = (_: unknown, done: (error: Error) => void): void =>
      done(Object.assign(new Error("no connection"), { code }));
    const agent = Object.assign(new http.Agent(), { createConnection });
    const transport = new HttpTransport(settingsFor(server.url, { agentFactory: () => agent }));
    expect(await transport.post("{}", "text/plain")).toEqual({ failure });
    transport.close();
  });

  it("aborts requests in flight when it is closed, and counts them until then", async () => {
    server.fault = () => undefined;
    const transport = new HttpTransport(settingsFor(server.url, { timeoutMillis: 20_000 }));
    const posts = [transport.post("1", "text/plain"), transport.post("2", "text/plain")];
    expect(transport.inFlight).toBe(2);
    await until(() => server.requests === 2);
    transport.close();
    expect(await Promise.all(posts)).toEqual(Array(2).fill({ failure: "aborted" }));
    expect(transport.inFlight).toBe(0);
  });

  it.each([
    ["headers that never come", { headers: () => new Promise<never>(() => undefined) }],
    ["an agent that never comes", { agentFactory: () => new Promise<never>(() => undefined) }],
  ])("gives up at the deadline on %s", async (_name, settings) => {
    const transport = new HttpTransport(
      settingsFor(server.url, { timeoutMillis: 20, ...settings }),
    );
    expect(await transport.post("{}", "text/plain")).toEqual({ failure: "timeout" });
  });

  it("asks for an agent again if it got none", async () => {
    let asked = 0;
    const transport = new HttpTransport(
      settingsFor(server.url, {
        agentFactory: () => {
          if (asked++ === 0) throw new Error("not yet");
          return new http.Agent();
        },
      }),
    );
    expect(await transport.post("1", "text/plain")).toEqual({ failure: "invalid_request" });
    expect(await transport.post("2", "text/plain")).toMatchObject({ reply: { status: 200 } });
    transport.close();
  });
});
