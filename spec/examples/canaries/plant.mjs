/**
 * Loaded before each program of the tiers example by `node --import`. In the tiers, it plants every canary of the
 * neighbouring texts.json in every field there is; in the program with the receiver, it records the bytes that arrive.
 */
import { appendFileSync, readFileSync } from "node:fs";
import { IncomingMessage } from "node:http";
import { basename } from "node:path";
import { gunzipSync } from "node:zlib";
import { context, propagation, ROOT_CONTEXT, SpanStatusCode, trace } from "@opentelemetry/api";
import {
  captureError,
  captureEvent,
  extract,
  isAllowed,
  traceHandler,
  withSpan,
} from "land-telemetry";

const beside = (name) => new URL(name, import.meta.url);
const isOffline = new URL(import.meta.url).searchParams.has("offline");
const TIERS = ["air", "cocoon", "mountain", "sky"];
const tier = basename(process.argv[1], ".mjs");

if (tier === "main") writeDown();
else {
  Object.assign(
    process.env,
    { Record: "1", Throttle: "1000000", Cap: "1000000" },
    isOffline ? { Pipe: "http://127.0.0.1:9", Beam: "http://127.0.0.1:9" } : {},
  );
  // Plants them as soon as the tier has registered.
  const timer = setInterval(() => {
    if (!isAllowed("otlp")) return;
    clearInterval(timer);
    const texts = JSON.parse(readFileSync(beside("texts.json"), "utf8"));
    texts.forEach((text, index) => PLACES[(index + TIERS.indexOf(tier)) % PLACES.length](text));
    appendFileSync(beside("planted"), `${tier}\n`);
  }, 1);
}

/** Each text goes to one place per tier, and thus to every place over the four tiers: there are many texts. */
const PLACES = [
  (text) => {
    const baggage = propagation.createBaggage({ planted: { value: text } });
    context.with(propagation.setBaggage(ROOT_CONTEXT, baggage), () => {
      attempt(() =>
        withSpan(
          `planted ${text}`,
          {
            attributes: { text, list: ["a", text] },
            links: [
              {
                context: {
                  traceId: "0af7651916cd43dd8448eb211c80319c",
                  spanId: "b7ad6b7169203331",
                  traceFlags: 1,
                },
                attributes: { text },
              },
            ],
          },
          (span) => {
            span.addEvent(`event ${text}`, { text });
            throw new AggregateError(
              [new Error(text), new Error(`two: ${text}`)],
              `failed at ${text}`,
              { cause: new RangeError(text, { cause: `root: ${text}` }) },
            );
          },
        ),
      );
    });
  },
  (text) => {
    const span = trace.getTracer(text, text).startSpan("planted status");
    span.setStatus({ code: SpanStatusCode.ERROR, message: `failed: ${text}` });
    span.end();
    captureEvent("land:planted:event", { text, nested: { deep: [text, { [text]: text }] } });
  },
  (text) => {
    captureError("planted", new Error(text, { cause: new Error(text) }), { text });
    const tracestate = /^[!-+\--<>-~]{1,256}$/.test(text) ? { tracestate: `a=${text}` } : {};
    const carried = extract(
      {
        traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ...tracestate,
        baggage: `planted=${encodeURIComponent(text)}`,
      },
      ROOT_CONTEXT,
    );
    context.with(carried, () => withSpan("planted carrier", () => undefined));
  },
  (text) =>
    attempt(() =>
      traceHandler(
        (method) => method,
        () => {
          throw text;
        },
      )(`planted call ${text}`),
    ),
];

/** Runs something that throws; what it throws has been recorded, which is its only purpose. */
function attempt(run) {
  try {
    run();
  } catch {
    // Nobody else needs it.
  }
}

function writeDown() {
  const chunks = new WeakMap();
  const { push } = IncomingMessage.prototype;
  IncomingMessage.prototype.push = function (chunk, encoding) {
    const before = chunks.get(this) ?? [];
    if (chunk !== null) chunks.set(this, [...before, Buffer.from(chunk)]);
    else if (this.method === "POST") {
      const body = Buffer.concat(before);
      appendFileSync(
        beside("received"),
        `${JSON.stringify(this.headers)}\n${this.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body}\n`,
      );
    }
    return push.call(this, chunk, encoding);
  };
}
