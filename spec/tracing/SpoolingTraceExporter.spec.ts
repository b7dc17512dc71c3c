import type { DeliveryQueue } from "../../lib/delivery/DeliveryQueue";
import { SpoolingTransport } from "../../lib/tracing/SpoolingTraceExporter";
import type { FaultServer } from "../delivery/support/faultServer";
import { startFaultServer, status } from "../delivery/support/faultServer";
import { balanced, makeQueue } from "../delivery/support/makeQueue";

let server: FaultServer;
let queue: DeliveryQueue | undefined;
beforeEach(async () => {
  server = await startFaultServer();
});
afterEach(async () => {
  queue?.closeNow();
  await server.close();
});

describe("the transport under the official exporter", () => {
  it("reports success with the reply, or a failure or a retry with its reason", async () => {
    const made = makeQueue(server.url);
    ({ queue } = made);
    const transport = new SpoolingTransport(made.queue, () => made.records(3));
    const body = Buffer.from("[1,2,3]");
    expect(await transport.send(body)).toEqual({ status: "success", data: Buffer.from("{}") });
    expect(server.taken).toEqual(["[1,2,3]"]);
    server.fault = status(401);
    expect(await transport.send(body)).toEqual({ status: "failure", error: Error("http_401") });
    server.fault = status(503);
    expect(await transport.send(body)).toEqual({ status: "retryable", error: Error("http_503") });
    transport.shutdown();
    expect(balanced(made.stats)).toMatchObject({
      delivered: 3,
      dropped: { http_401: 3 },
      spooled: 3,
    });
  });

  it("reports a failure, without a request, if the content of a body is unknown", async () => {
    const made = makeQueue(server.url);
    ({ queue } = made);
    const transport = new SpoolingTransport(made.queue, () => {
      throw new Error("unknown");
    });
    expect(await transport.send("[]")).toMatchObject({ status: "failure" });
    expect(server.requests).toBe(0);
  });
});
