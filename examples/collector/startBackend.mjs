import { createServer } from "node:http";
import { gunzipSync } from "node:zlib";
import { spansOf } from "./spansOf.mjs";

/**
 * A backend that accepts OTLP/JSON at any path and remembers every span by its ids. `until(test)` resolves when
 * `test(spans)` is true, which is checked after each request, and rejects with the text of `explain()` after `limitMs`.
 */
export async function startBackend() {
  const spans = new Map();
  const waiting = new Set();
  const server = createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      take(JSON.parse(request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body));
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
      for (const check of waiting) check();
    });
  });

  function take(body) {
    for (const span of spansOf(body)) {
      const key = `${span.traceId}/${span.spanId}`;
      spans.set(key, { ...span, times: (spans.get(key)?.times ?? 0) + 1 });
    }
  }

  function until(test, { limitMs, explain }) {
    return new Promise((resolve, reject) => {
      const check = () => {
        if (!test(spans)) return;
        clearTimeout(timer);
        waiting.delete(check);
        resolve();
      };
      const timer = setTimeout(() => {
        waiting.delete(check);
        reject(new Error(explain()));
      }, limitMs);
      waiting.add(check);
      check();
    });
  }

  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    spans,
    until,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
