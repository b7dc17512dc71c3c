import type { ExportResponse, IExporterTransport } from "@opentelemetry/otlp-exporter-base";
import { attempt } from "../shared/attempt.js";
import type { DeliveryQueue } from "./DeliveryQueue.js";
import type { DeliveryRecord } from "./DeliveryRecord.js";

/**
 * The transport under the official clients, in place of theirs, which lose a batch that fails, hold the process and
 * print. It answers truthfully and soon: what the queue has kept is `retryable`, and is sent without the client.
 */
export class SpoolingTransport implements IExporterTransport {
  /** @param recordsOf The records that a request body of the client stands for, by which the queue counts it. */
  constructor(
    private readonly queue: DeliveryQueue,
    private readonly recordsOf: (body: Uint8Array | string) => readonly DeliveryRecord[],
  ) {}

  /** Never rejects. The queue has a deadline of its own. */
  async send(body: Uint8Array | string): Promise<ExportResponse> {
    const records = attempt(() => this.recordsOf(body));
    if (records === undefined) return { status: "failure", error: new Error("unreadable body") };
    const result = await this.queue.send(records, body);
    if (result.status === "delivered")
      return { status: "success", ...(result.reply === undefined ? {} : { data: result.reply }) };
    const error = new Error(result.reason);
    return { status: result.status === "kept" ? "retryable" : "failure", error };
  }

  /** The queue is closed by its owner. */
  shutdown(): void {
    // Nothing else is held.
  }
}
