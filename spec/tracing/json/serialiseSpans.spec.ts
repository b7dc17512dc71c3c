import type { Attributes } from "@opentelemetry/api";
import { SpanKind, SpanStatusCode, createTraceState } from "@opentelemetry/api";
import { JsonTraceSerializer } from "@opentelemetry/otlp-transformer";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import { resourceFromAttributes } from "@opentelemetry/resources";
import fc from "fast-check";
import { createRedactor } from "../../../lib/redaction/createRedactor.js";
import { redactSpan } from "../../../lib/redaction/redactSpan.js";
import { trusted } from "../../../lib/redaction/trusted.js";
import { serialiseSpans } from "../../../lib/tracing/json/serialiseSpans.js";

const official = (spans: ReadableSpan[]): string =>
  Buffer.from(JsonTraceSerializer.serializeRequest(spans) ?? "").toString();
const off = createRedactor({ enabled: false });
const ours = (spans: ReadableSpan[], redactor = off): string =>
  Buffer.from(serialiseSpans(spans, redactor)).toString();

/** Texts with secrets, quotes, control characters, every plane and lone surrogates, short and long. */
const secret = fc.constantFrom(
  "/home/jane.quist/work/a.ts",
  "mail jane@example.org",
  "https://a:b@example.org/?c=d",
  "jane.quist",
  "ghp_0123456789abcdefghijABCDEFGHIJ012345",
);
const text = fc.oneof(
  secret,
  fc.string(),
  fc.string({ unit: "binary" }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 })
    .map((units) => String.fromCharCode(...units)),
  fc.constantFrom(
    "",
    "land:cocoon:handler",
    'a "quoted" \\ path',
    "a\nb\tc\rd\be\ff",
    "\u0000\u001f\u007f\u0080",
    "Grüße 👋",
    "\ud83d",
    "\udc4b\ud83d",
    "__proto__",
    "x".repeat(511) + '\n"',
    "é".repeat(1_000),
    "\n".repeat(3_000),
  ),
);
const number = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.nat(12),
  fc.constantFrom(
    -0,
    9,
    10,
    99,
    100,
    50_052,
    999_999_999,
    1_000_000_000,
    2_147_483_648,
    NaN,
    Infinity,
    -Infinity,
    1e21,
    2 ** 53,
    0.1,
    -7,
    5e-324,
  ),
);
const primitive = fc.oneof(
  text,
  number,
  fc.boolean(),
  fc.constantFrom(null, undefined, 10n, Symbol("s"), () => 1),
);
const value = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    primitive,
    fc.array(primitive, { maxLength: 4 }),
    fc.uint8Array({ maxLength: 9 }),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(text, tie("value"), { maxKeys: 3 }),
    fc.constantFrom(new Date(0), new Map([["a", 1]]), [1, , 3]),
  ),
})).value;
const attributes = fc.dictionary(
  fc.oneof(text, fc.constantFrom("rpc.method", "land.feature", "7")),
  value,
  { maxKeys: 6 },
);
const time = fc.oneof(
  fc.tuple(fc.integer({ min: 1_600_000_000, max: 1_900_000_000 }), fc.nat(999_999_999)),
  fc.tuple(
    fc.constantFrom(0, 1, -1, 1.5, 1_700_000_000.25, 2 ** 53, 9e15),
    fc.constantFrom(0, 1, 999_999_999, 1e9, 1_500_000_000, -1, 0.75, 999_999_999.9),
  ),
);
const hex = (length: number) =>
  fc.string({
    unit: fc.constantFrom(...Array.from("0123456789abcdef")),
    minLength: length,
    maxLength: length,
  });
const context = fc.record(
  {
    traceId: fc.oneof(hex(32), text),
    spanId: fc.oneof(hex(16), text),
    traceFlags: fc.nat(300),
    isRemote: fc.boolean(),
    traceState: fc.constantFrom(
      createTraceState("a=1,b=ü"),
      createTraceState("land=/home/jane.quist/a"),
      createTraceState(""),
    ),
  },
  { requiredKeys: ["traceId", "spanId", "traceFlags"] },
);
const count = fc.oneof(fc.constant(0), fc.nat(10_000));
const event = fc.record(
  { name: text, time, attributes, droppedAttributesCount: count },
  { requiredKeys: ["name", "time"] },
);
const link = fc.record(
  { context, attributes, droppedAttributesCount: count },
  { requiredKeys: ["context"] },
);
const resource = fc.record({ attributes, schemaUrl: text }, { requiredKeys: ["attributes"] });
const scope = fc.record(
  {
    name: fc.oneof(text, fc.constantFrom("land.cocoon")),
    version: fc.oneof(text, fc.constant("0.1.0")),
    schemaUrl: text,
    attributes,
    droppedAttributesCount: count,
  },
  { requiredKeys: ["name"] },
);

function spansOf(
  resources: fc.Arbitrary<object>,
  scopes: fc.Arbitrary<object>,
): fc.Arbitrary<ReadableSpan> {
  return fc
    .record(
      {
        name: text,
        kind: fc.oneof(fc.nat(4), fc.constantFrom(null, undefined, 40)),
        context,
        parentSpanContext: context,
        startTime: time,
        endTime: time,
        status: fc.record({ code: fc.nat(2), message: text }, { requiredKeys: ["code"] }),
        attributes,
        events: fc.array(event, { maxLength: 3 }),
        links: fc.array(link, { maxLength: 3 }),
        resource: resources,
        instrumentationScope: scopes,
        droppedAttributesCount: fc.oneof(count, fc.constant(undefined)),
        droppedEventsCount: count,
        droppedLinksCount: count,
      },
      {
        requiredKeys: [
          "name",
          "context",
          "startTime",
          "endTime",
          "status",
          "attributes",
          "events",
          "links",
          "resource",
          "instrumentationScope",
          "droppedEventsCount",
          "droppedLinksCount",
        ],
      },
    )
    .map(
      ({ context: own, ...span }) =>
        ({ ...span, spanContext: () => own }) as unknown as ReadableSpan,
    );
}

/** Few resources and scopes, so that spans share them; also scopes that are equal and not the same. */
const batch = fc
  .tuple(
    fc.array(resource, { minLength: 1, maxLength: 3 }),
    fc.array(scope, { minLength: 1, maxLength: 3 }),
  )
  .chain(([resources, scopes]) =>
    fc.array(
      spansOf(
        fc.constantFrom(...resources),
        fc.constantFrom(...scopes, ...scopes.map((one) => ({ ...one }))),
      ),
      { maxLength: 8 },
    ),
  );

describe("serialiseSpans", () => {
  it("writes what the official serializer writes, byte for byte, whatever the spans hold", () => {
    fc.assert(
      fc.property(batch, (spans) => {
        expect(ours(spans)).toBe(official(spans));
      }),
      { numRuns: 1_000 },
    );
  });

  it("writes what the official serializer writes of redacted copies", () => {
    const redactor = createRedactor(
      { denyKeys: ["land.feature"] },
      { home: "/home/jane.quist", user: "jane.quist", applicationRoot: "/opt/land" },
    );
    let found = 0;
    fc.assert(
      fc.property(batch, (spans) => {
        const written = ours(spans, redactor);
        found += written.split("<").length - 1;
        expect(written).toBe(official(spans.map((span) => redactSpan(redactor, span))));
      }),
      { numRuns: 500 },
    );
    expect(found).toBeGreaterThan(1_000);
  });

  it("writes the spans of the SDK, error spans and children among them", () => {
    const tracer = new BasicTracerProvider().getTracer("land.cocoon", "0.1.0");
    const spans = Array.from({ length: 700 }, (_, index) => {
      const span = tracer.startSpan(`land:cocoon:${index}`, { startTime: performance.timeOrigin });
      span.setAttributes({ index, text: `"${index}"`, list: [1, 2], flag: index % 2 === 0 });
      if (index % 3 === 0) span.recordException(new TypeError("no"));
      if (index % 3 === 0) span.setStatus({ code: SpanStatusCode.ERROR, message: "no" });
      span.end();
      return span as unknown as ReadableSpan;
    });
    expect(ours(spans)).toBe(official(spans));
    expect(JSON.parse(ours(spans))).toHaveProperty(
      "resourceSpans.0.scopeSpans.0.spans.length",
      700,
    );
  });

  it("grows with what it is given: a batch of long texts after one of short ones", () => {
    const tracer = new BasicTracerProvider().getTracer("land.cocoon");
    const spanWith = (name: string): ReadableSpan => {
      const span = tracer.startSpan(name);
      span.end();
      return span as unknown as ReadableSpan;
    };
    const spans = ["a", "ü".repeat(200_000), "b\n".repeat(100_000), "c"].map(spanWith);
    for (const span of spans) expect(ours([span])).toBe(official([span]));
  });

  it("throws where the official serializer does: a value that holds itself", () => {
    const loop: Record<string, unknown> = {};
    loop["self"] = loop;
    const span = new BasicTracerProvider().getTracer("a").startSpan("a") as unknown as ReadableSpan;
    Object.assign(span.attributes, { loop });
    expect(() => official([span])).toThrow(RangeError);
    expect(() => ours([span])).toThrow(RangeError);
  });
});

describe("values that come again in a batch", () => {
  const again = fc.constantFrom<unknown>(
    "grpc",
    "/home/jane.quist/a.ts",
    "",
    "1",
    1,
    0,
    -0,
    0.5,
    NaN,
    true,
    'a"b',
    "x".repeat(300),
    "<home>",
  );
  const key = fc.constantFrom("rpc.method", "land.feature", "url.query");
  const repeated = fc.array(
    fc.record({
      name: fc.constantFrom("a", "b", "/home/jane.quist/b"),
      kind: fc.constantFrom(SpanKind.INTERNAL, SpanKind.SERVER, SpanKind.CLIENT),
      members: fc.uniqueArray(fc.tuple(key, again), { selector: ([name]) => name, maxLength: 3 }),
      withEvent: fc.boolean(),
    }),
    { maxLength: 60 },
  );
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ "rpc.method": "<home>" }),
  });
  const toSpans = (
    all: readonly {
      name: string;
      kind: SpanKind;
      members: [string, unknown][];
      withEvent: boolean;
    }[],
  ): ReadableSpan[] =>
    all.map(({ name, kind, members, withEvent }) => {
      const span = provider.getTracer("land.cocoon").startSpan(name, { kind });
      Object.assign((span as unknown as ReadableSpan).attributes, Object.fromEntries(members));
      if (withEvent) span.addEvent(name, Object.fromEntries(members) as Attributes);
      span.end();
      return span as unknown as ReadableSpan;
    });

  it("are written as the official serializer writes them of redacted copies", () => {
    const redactor = createRedactor(
      { denyKeys: ["land.feature"] },
      { home: "/home/jane.quist", user: "jane.quist", applicationRoot: "/opt/land" },
    );
    fc.assert(
      fc.property(repeated, (all) => {
        const spans = toSpans(all);
        expect(ours(spans, redactor)).toBe(
          official(spans.map((span) => redactSpan(redactor, span))),
        );
        expect(ours(spans)).toBe(official(spans));
      }),
      { numRuns: 500 },
    );
  });

  it("are each shown to a rule of the caller's own, which can say something else each time", () => {
    let calls = 0;
    const redactor = createRedactor({ redact: (text) => (text === "again" ? `${++calls}` : text) });
    const written = ours(
      toSpans(
        Array.from({ length: 4 }, () => ({
          name: "a",
          kind: SpanKind.INTERNAL,
          members: [["land.text", "again"]],
          withEvent: false,
        })),
      ),
      redactor,
    );
    expect(Array.from(written.matchAll(/"stringValue":"(\d)"/g), ([, digit]) => digit)).toEqual([
      "1",
      "2",
      "3",
      "4",
    ]);
  });

  it("are looked at anew in the next batch: what is trusted then passes, what no longer is does not", () => {
    const redactor = createRedactor({}, { home: "/home/jane.quist" });
    const batchOf = (): string =>
      ours(
        toSpans(
          Array.from({ length: 3 }, () => ({
            name: "a",
            kind: SpanKind.INTERNAL,
            members: [["land.path", "/home/jane.quist/trusted/later"]],
            withEvent: false,
          })),
        ),
        redactor,
      );
    expect(batchOf()).not.toContain("jane.quist");
    trusted("/home/jane.quist/trusted/later");
    expect(batchOf().split("/home/jane.quist/trusted/later")).toHaveLength(4);
    for (let other = 0; other < 1_000; other++) trusted(`other ${other}`);
    expect(batchOf()).not.toContain("jane.quist");
  });
});

it("makes no room for spans as large as one before them", () => {
  const tracer = new BasicTracerProvider().getTracer("land.cocoon");
  const batch = (count: number, attributes: Record<string, string>): ReadableSpan[] =>
    Array.from({ length: count }, () => {
      const span = tracer.startSpan("work", { attributes });
      span.end();
      return span as unknown as ReadableSpan;
    });
  serialiseSpans(batch(1, { large: "x".repeat(1_000_000) }), off);
  const small = serialiseSpans(batch(512, { small: "x" }), off);
  expect(small.buffer.byteLength).toBeLessThan(512 * 8_192);
});
