/**
 * The spans that a collector rejected although it answered 2xx (OTLP specification, "Partial Success"); a reply
 * that is not OTLP/JSON counts as a full success, since that is what its status says.
 */
export function readPartialSuccess(
  _status: number,
  body: Uint8Array | string,
): { readonly rejected: number; readonly message?: string } {
  const text = typeof body === "string" ? body : Buffer.from(body).toString("utf8");
  if (!text.includes("artialSuccess")) return { rejected: 0 };
  try {
    const { partialSuccess } = JSON.parse(text) as {
      partialSuccess?: { rejectedSpans?: unknown; errorMessage?: unknown } | null;
    };
    const rejected = Number(partialSuccess?.rejectedSpans ?? 0);
    const message = partialSuccess?.errorMessage;
    return {
      rejected: Number.isSafeInteger(rejected) && rejected > 0 ? rejected : 0,
      ...(typeof message === "string" && message !== "" ? { message } : {}),
    };
  } catch {
    return { rejected: 0 };
  }
}
