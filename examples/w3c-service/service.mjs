// The service that the W3C trace-context suite drives: for POST /test with [{ url, arguments }, …] it calls each url
// with its arguments. See README.md.
import { createServer } from "node:http";
import { ROOT_CONTEXT, SpanKind, trace } from "@opentelemetry/api";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import { extract, inject } from "land-telemetry";

const port = Number(process.env.PORT ?? 5000);
const tracer = new BasicTracerProvider().getTracer("w3c-service");

/** Calls one url in a client span of its own. */
async function call({ url, arguments: body }, parent) {
  const span = tracer.startSpan("POST", { kind: SpanKind.CLIENT }, parent);
  try {
    const headers = inject({ "content-type": "application/json" }, trace.setSpan(parent, span));
    const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
    await response.arrayBuffer();
  } finally {
    span.end();
  }
}

async function handle(request, response) {
  // Not `request.headers`: it joins or drops repeated headers, and two traceparents must be seen as two.
  const parent = extract(request.headersDistinct, ROOT_CONTEXT);
  const span = tracer.startSpan("POST /test", { kind: SpanKind.SERVER }, parent);
  try {
    let text = "";
    for await (const chunk of request.setEncoding("utf8")) text += chunk;
    const active = trace.setSpan(parent, span);
    for (const item of JSON.parse(text)) await call(item, active);
    response.end("ok");
  } catch (error) {
    response.writeHead(500).end(String(error));
  } finally {
    span.end();
  }
}

const server = createServer(handle).listen(port, "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}/test`);
});
