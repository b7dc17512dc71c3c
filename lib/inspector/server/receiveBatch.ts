import { gunzipSync } from "node:zlib";
import { HttpProblem } from "./HttpProblem.js";
import type { TraceStore } from "./TraceStore.js";
import { parseJson } from "./parseJson.js";
import { parsePostHogBatch } from "./parsePostHogBatch.js";
import type { BodyLimits } from "./readBody.js";
import { tooBusy, tooLarge } from "./readBody.js";

/**
 * Takes in a PostHog batch and answers as PostHog does. Its browser library sends gzip without the header and
 * says `compression=gzip-js` in the query; the first two bytes tell it as surely.
 */
export function receiveBatch(
  body: Buffer,
  query: string,
  store: TraceStore,
  limits: BodyLimits,
): { readonly parsed: unknown; readonly answer: unknown } {
  if (/(?:^|&)compression=(?:base64|lz64)(?:&|$)/.test(query)) {
    throw new HttpProblem(
      415,
      "Only `compression=gzip-js` and plain JSON are read here; set `compression` of the PostHog library to one of them.",
    );
  }
  const unpacked = body[0] === 0x1f && body[1] === 0x8b ? unpack(body, limits) : body;
  const parsed = parseJson(unpacked);
  store.addEvents(parsePostHogBatch(parsed), unpacked.length);
  return { parsed, answer: { status: 1 } };
}

function unpack(body: Buffer, { maxBodyBytes, budget }: BodyLimits): Buffer {
  if (budget.left <= 0) throw tooBusy();
  const maxOutputLength = Math.min(maxBodyBytes, budget.left);
  try {
    return gunzipSync(body, { maxOutputLength });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_BUFFER_TOO_LARGE")
      throw new HttpProblem(400, "The body begins like gzip and is not.");
    throw maxOutputLength < maxBodyBytes ? tooBusy() : tooLarge(maxBodyBytes);
  }
}
