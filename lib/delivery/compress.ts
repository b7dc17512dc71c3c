/** What goes out, and the headers that say how. */
export interface CompressedBody {
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** Gzips a body that is longer than the given size, off the main thread; others pass as they are. */
export async function compress(request: {
  readonly body: Uint8Array | string;
  readonly headers: Readonly<Record<string, string>>;
  readonly gzipAboveBytes?: number | undefined;
}): Promise<CompressedBody> {
  const body = typeof request.body === "string" ? Buffer.from(request.body) : request.body;
  const { headers, gzipAboveBytes = Infinity } = request;
  if (body.byteLength <= gzipAboveBytes) return { body, headers };
  const { gzip } = process.getBuiltinModule("node:zlib");
  const zipped = await new Promise<Buffer | undefined>((resolve) => {
    gzip(body, (error, result) => resolve(error === null ? result : undefined));
  });
  return zipped === undefined
    ? { body, headers }
    : { body: zipped, headers: { ...headers, "content-encoding": "gzip" } };
}
