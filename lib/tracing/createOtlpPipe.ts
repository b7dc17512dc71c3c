import type { Configuration } from "../configuration/Configuration.js";
import type { CourierOptions } from "../delivery/Courier.js";
import { Courier } from "../delivery/Courier.js";
import type { Ledger } from "../delivery/Ledger.js";
import type { Redactor } from "../privacy/createRedactor.js";
import { OtlpPipe } from "./OtlpPipe.js";
import { readPartialSuccess } from "./readPartialSuccess.js";

/** Bodies above it are gzipped; below, the saving is less than the cost. */
const GZIP_ABOVE_BYTES = 4_096;

/** The OTLP pipe of a configuration. */
export function createOtlpPipe(
  configuration: Configuration,
  redactor: Redactor,
  ledger: Ledger,
  delivery: Pick<CourierOptions, "spool">,
): { readonly pipe: OtlpPipe; readonly courier: Courier } {
  const { url, headers, timeoutMs, gzip } = configuration.otlp;
  const courier = new Courier({
    pipe: "otlp",
    url,
    headers,
    ledger,
    assemble: ([parcel]) => parcel?.body ?? "",
    // A batch is a request body already.
    maxParcelsPerPost: 1,
    timeoutMs,
    ...(gzip ? { gzipAboveBytes: GZIP_ABOVE_BYTES } : {}),
    readResponse: readPartialSuccess,
    ...delivery,
  });
  return { pipe: new OtlpPipe({ settings: configuration.otlp, redactor, ledger, courier }), courier };
}
