import { Courier } from "../delivery/Courier.js";
import type { PipeContext } from "../delivery/PipeContext.js";
import { ReadBuffer } from "../delivery/disk/ReadBuffer.js";
import { spoolOf } from "../delivery/disk/spoolOf.js";
import { joinBatches } from "./joinBatches.js";
import { readOtlpSettings } from "./otlpSettings.js";
import { readPartialSuccess } from "./readPartialSuccess.js";
import { splitBatch } from "./splitBatch.js";

/** Bodies above it are gzipped; below, the saving is less than the cost. */
const GZIP_ABOVE_BYTES = 4_096;

/**
 * Batches in one request of a replay; a batch just exported goes alone. After a long outage with small batches,
 * one by one would take as long as the outage.
 */
const MAX_BATCHES_PER_POST = 64;

/** What brings the batches of a configuration to the collector; with the first batch, or after the start of the process. */
export function createOtlpCourier(
  context: Pick<PipeContext, "configuration" | "recorder" | "ledgers">,
): Courier {
  const configuration = context.configuration();
  const recorder = context.recorder();
  const { url, timeoutMillis, compression } = readOtlpSettings(configuration);
  // One is enough: more than one batch in a request is a replay's, which sends one request at a time.
  const memory = new ReadBuffer();
  return new Courier({
    pipe: "otlp",
    url,
    headers: configuration.otlp.headers,
    ledger: context.ledgers.otlp,
    assemble: (parcels) => {
      const body = joinBatches(parcels, memory);
      recorder?.record("otlp", body);
      return body;
    },
    maxParcelsPerPost: MAX_BATCHES_PER_POST,
    timeoutMs: timeoutMillis,
    ...(compression === "gzip" ? { gzipAboveBytes: GZIP_ABOVE_BYTES } : {}),
    readResponse: readPartialSuccess,
    split: splitBatch,
    spool: spoolOf(configuration, "otlp", url),
  });
}
