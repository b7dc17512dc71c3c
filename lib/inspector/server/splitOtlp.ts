import { asArray, asObject } from "./jsonMembers.js";

/** Spans of one request: far from what a receiver refuses, in bytes and in members. */
const SPANS_PER_REQUEST = 2_000;

/**
 * An OTLP/JSON request as several that together say the same. A file holds as much as somebody kept, of which a
 * receiver would refuse to take all at once. Free of Node's modules: the page opens files too.
 */
export function* splitOtlp(
  resourceSpans: readonly unknown[],
): Generator<{ readonly resourceSpans: readonly unknown[] }> {
  for (const group of resourceSpans) {
    for (const scoped of asArray(asObject(group)?.["scopeSpans"])) {
      const spans = asArray(asObject(scoped)?.["spans"]);
      for (let from = 0; from < spans.length; from += SPANS_PER_REQUEST) {
        yield {
          resourceSpans: [
            {
              ...asObject(group),
              scopeSpans: [
                { ...asObject(scoped), spans: spans.slice(from, from + SPANS_PER_REQUEST) },
              ],
            },
          ],
        };
      }
    }
  }
}
