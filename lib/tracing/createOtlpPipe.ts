import type { Configuration } from "../configuration/Configuration.js";
import { Courier } from "../delivery/Courier.js";
import type { Ledger } from "../delivery/Ledger.js";
import type { PayloadRecorder } from "../delivery/PayloadRecorder.js";
import { spoolOf } from "../delivery/spoolOf.js";
import type { Redactor } from "../privacy/Redactor.js";
import { OtlpPipe } from "./OtlpPipe.js";
import { readPartialSuccess } from "./readPartialSuccess.js";

/** Bodies above it are gzipped; below, the saving is less than the cost. */
const GZIP_ABOVE_BYTES = 4_096;

/** The OTLP pipe of a configuration. */
export function createOtlpPipe(
  configuration: Configuration,
  redactor: Redactor,
  ledger: Ledger,
  recorder: PayloadRecorder | undefined,
): { readonly pipe: OtlpPipe; readonly courier: Courier } {
  const { url, headers, timeoutMs, gzip } = configuration.otlp;
  const courier = new Courier({
    pipe: "otlp",
    url,
    headers,
    ledger,
    // A batch is a request body already.
    assemble: ([parcel]) => {
      const body = parcel?.body ?? "";
      recorder?.record("otlp", body);
      return body;
    },
    maxParcelsPerPost: 1,
    timeoutMs,
    ...(gzip ? { gzipAboveBytes: GZIP_ABOVE_BYTES } : {}),
    readResponse: readPartialSuccess,
    spool: spoolOf(configuration, "otlp", url),
  });
  return { pipe: new OtlpPipe({ settings: configuration.otlp, redactor, ledger, courier }), courier };
}
