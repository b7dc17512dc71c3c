/** The official exporter is not in a page: the queue makes the requests itself, of what the official serializer gives. */
export const SpoolingTraceExporter = undefined;
