import {
  StreamMessageReader,
  StreamMessageWriter,
  createMessageConnection,
} from "vscode-jsonrpc/node";
import { traceConnection } from "../../../lib/jsonrpc.js";
import { startTelemetry } from "../../support/telemetry.js";

/** A tier in its own process: it fails when asked to, and reports what it saw and counted. */
const telemetry = startTelemetry({ tier: "mountain" });
const { reader, writer, messageStrategy } = traceConnection(
  new StreamMessageReader(process.stdin),
  new StreamMessageWriter(process.stdout),
);
const connection = createMessageConnection(reader, writer, undefined, { messageStrategy });
connection.onRequest("fail", () => {
  throw new Error("over there");
});
connection.onRequest("report", () => ({
  counted: telemetry.counted,
  traceIds: telemetry.spans().map((span) => span.spanContext().traceId),
  parents: telemetry.spans().map((span) => span.parentSpanContext?.spanId),
}));
connection.listen();
