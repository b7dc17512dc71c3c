/** A page does not include the official exporter: the queue makes requests itself, with the official serializer. */
export const SpoolingTraceExporter = undefined;
