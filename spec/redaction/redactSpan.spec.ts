import type { Link, SpanContext } from "@opentelemetry/api";
import { createTraceState, SpanStatusCode } from "@opentelemetry/api";
import { resourceFromAttributes } from "@opentelemetry/resources";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import fc from "fast-check";
import { createRedactor } from "../../lib/redaction/createRedactor.js";
import { redactSpan } from "../../lib/redaction/redactSpan.js";
import { trusted } from "../../lib/redaction/trusted.js";
import type { ReceivedSpan, Request } from "./otlp.js";
import { readJson, readProtobuf } from "./otlp.js";

const redactor = createRedactor(
  { applicationRoot: "/opt/land/cocoon", allowKeys: ["land.allowed"] },
  { home: "/home/jane.quist", user: "jane.quist" },
);
const off = createRedactor(false);
const provider = new BasicTracerProvider({
  resource: resourceFromAttributes({ "host.path": "/etc/hosts" }),
});
const tracer = provider.getTracer("land.cocoon");

const CONTEXT: SpanContext = {
  traceId: "0af7651916cd43dd8448eb211c80319c",
  spanId: "b7ad6b7169203331",
  traceFlags: 1,
};
const START = [1_700_000_000, 5];
const END = [1_700_000_001, 7];

function ended(name: string, attributes = {}): ReadableSpan {
  const span = tracer.startSpan(name, { attributes });
  span.end();
  return span as unknown as ReadableSpan;
}

/** A span as an exporter receives it, with some of its members replaced. */
function spanWith(members: Readonly<Record<string, unknown>> = {}): ReadableSpan {
  const span = {
    name: "work",
    kind: 1,
    spanContext: () => CONTEXT,
    startTime: START,
    endTime: END,
    duration: [1, 2],
    status: { code: 0 },
    attributes: {},
    events: [],
    links: [],
    ended: true,
    resource: { attributes: {} },
    instrumentationScope: { name: "land.cocoon" },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
  return Object.defineProperties(
    span,
    Object.getOwnPropertyDescriptors(members),
  ) as unknown as ReadableSpan;
}

/** The one span that a collector reads from a copy, which must be the same in both encodings. */
function received(span: ReadableSpan, own = redactor): ReceivedSpan {
  const copy = redactSpan(own, span);
  const json = readJson([copy]);
  expect(readProtobuf([copy])).toEqual(json);
  return onlySpan(json);
}

function onlySpan(request: Request): ReceivedSpan {
  const span = request[0]?.scopes[0]?.spans[0];
  if (span === undefined) throw new Error("no span");
  return span;
}

const hostile = (): never => {
  throw new Error("/etc/hosts");
};

describe("redactSpan", () => {
  it("makes a copy, so that the span in the process stays unchanged", () => {
    const span = ended("open /etc/hosts", { file: "/etc/hosts" });
    const copy = redactSpan(redactor, span);
    expect(copy.name).toBe("open <path>");
    expect(copy.attributes).toEqual({ file: "<path>" });
    expect([span.name, span.attributes, span.resource.attributes["host.path"]]).toEqual([
      "open /etc/hosts",
      { file: "/etc/hosts" },
      "/etc/hosts",
    ]);
  });

  it("keeps a span's times, kind, identity and dropped counts", () => {
    const original = spanWith({
      kind: 2,
      parentSpanContext: { ...CONTEXT, isRemote: true },
      droppedEventsCount: 3,
      droppedLinksCount: 2,
      droppedAttributesCount: 1,
    });
    const copy = redactSpan(redactor, original);
    expect(copy.spanContext()).toBe(CONTEXT);
    for (const key of [
      "kind",
      "startTime",
      "endTime",
      "duration",
      "ended",
      "parentSpanContext",
      "droppedEventsCount",
      "droppedLinksCount",
      "droppedAttributesCount",
    ] as const) {
      expect(copy[key]).toEqual(original[key]);
    }
  });

  it("redacts a resource or a scope once for all spans that share it", () => {
    const first = redactSpan(redactor, ended("a"));
    const second = redactSpan(redactor, ended("b"));
    expect(first.resource).toBe(second.resource);
    expect(first.resource.attributes).toEqual({ "host.path": "<path>" });
    expect(first.resource.merge(null).attributes).toEqual({ "host.path": "<path>" });
    expect(first.resource.getRawAttributes()).toEqual([["host.path", "<path>"]]);
    const scope = { name: "in /etc/hosts", version: "1", attributes: { n: NaN }, schemaUrl: 5 };
    const spans = [1, 2].map(() => redactSpan(redactor, spanWith({ instrumentationScope: scope })));
    expect(spans[0]?.instrumentationScope).toBe(spans[1]?.instrumentationScope);
    for (const read of [readJson, readProtobuf])
      expect(read(spans)[0]?.scopes[0]).toMatchObject({
        name: "in <path>",
        version: "1",
        schemaUrl: "",
        attributes: { n: "NaN" },
      });
  });

  it("redacts a resource again if its attributes were still pending", () => {
    const resource = resourceFromAttributes({ "host.path": "/etc/hosts" });
    Object.defineProperty(resource, "asyncAttributesPending", { value: true, writable: true });
    const before = redactor.resource(resource);
    expect(redactor.resource(resource)).not.toBe(before);
  });

  it("redacts trace state members, and keeps the header well formed", () => {
    const context = {
      ...CONTEXT,
      traceState: createTraceState("land=/etc/hosts,other=t61rcWkgMzE"),
    };
    const copy = redactSpan(
      redactor,
      spanWith({ spanContext: () => context, links: [{ context }] }),
    );
    expect(copy.spanContext().traceState?.serialize()).toBe("land=<path>,other=t61rcWkgMzE");
    expect(copy.spanContext().traceState?.get("other")).toBe("t61rcWkgMzE");
    expect(copy.links[0]?.context.traceState?.serialize()).toBe("land=<path>,other=t61rcWkgMzE");
    expect(context.traceState.serialize()).toBe("land=/etc/hosts,other=t61rcWkgMzE");
  });

  it("redacts the status message and keeps the code", () => {
    const status = { code: SpanStatusCode.ERROR, message: "no /etc/hosts" };
    expect(redactSpan(redactor, spanWith({ status })).status).toEqual({
      code: SpanStatusCode.ERROR,
      message: "no <path>",
    });
  });

  it("shows each value once to the caller's own rule, which may answer differently each time", () => {
    let calls = 0;
    const own = createRedactor({ redact: (text) => (text === "again" ? `${++calls}` : text) });
    const attributes = { first: "again", path: "/etc/hosts", second: "again" };
    const copies = [1, 2].map(() => redactSpan(own, spanWith({ attributes })).attributes);
    expect(copies).toEqual([
      { first: "1", path: "<path>", second: "2" },
      { first: "3", path: "<path>", second: "4" },
    ]);
  });

  it("shares unchanged members with the original", () => {
    const original = spanWith({ attributes: { a: "plain", b: [1, "x"], c: null } });
    const copy = redactSpan(redactor, original);
    for (const key of ["attributes", "events", "links", "startTime", "endTime"] as const)
      expect(copy[key]).toBe(original[key]);
  });
});

/** Values that an attribute can hold although its type forbids them, and what a collector receives. */
const VALUES: Readonly<Record<string, readonly [value: unknown, received: unknown]>> = {
  "a text": ["plain", "plain"],
  "a safe integer": [2 ** 53 - 1, { int: "9007199254740991" }],
  "a negative safe integer": [-(2 ** 53) + 1, { int: "-9007199254740991" }],
  "a negative zero": [-0, { int: "0" }],
  "a fraction": [0.1, 0.1],
  "the smallest number": [5e-324, 5e-324],
  // JSON would write null.
  NaN: [NaN, "NaN"],
  "an infinity": [Infinity, "Infinity"],
  "a negative infinity": [-Infinity, "-Infinity"],
  // Protobuf would write its exact digits, JSON those that JavaScript prints: another number to a collector.
  "an integer beyond the safe ones": [2 ** 60, "1152921504606847000"],
  // JSON would write -9223372036854776000, which is not an int64: the collector would refuse the request.
  "the least int64": [-(2 ** 63), "-9223372036854776000"],
  // JSON would write an integer with an exponent, protobuf a double.
  "an integer outside of int64": [1e21, "1e+21"],
  "a bigint": [2n ** 70n, "1180591620717411303424"],
  "half a surrogate pair": ["a\ud83d", "a\ufffd"],
  "halves in the wrong order": ["\udc4b\ud83d", "\ufffd\ufffd"],
  "a list": [
    [1, NaN, null, "\ud83d", "/etc/hosts"],
    [{ int: "1" }, "NaN", {}, "\ufffd", "<path>"],
  ],
  "a list with holes": [
    [1, , 3],
    [{ int: "1" }, {}, { int: "3" }],
  ],
  "a list of what has no value": [
    [() => 1, Symbol("s"), undefined],
    [{}, {}, {}],
  ],
  null: [null, {}],
  undefined: [undefined, undefined],
  "a function": [() => 1, undefined],
  "a symbol": [Symbol("s"), undefined],
  "a date": [new Date(0), "1970-01-01T00:00:00.000Z"],
  "an invalid date": [new Date(NaN), {}],
  "a map": [
    new Map<unknown, unknown>([
      ["a", 1],
      [2, "/etc/hosts"],
      ["\ud83d", 2],
    ]),
    { a: { int: "1" }, 2: "<path>", "\ufffd": { int: "2" } },
  ],
  "a set": [new Set([1, Infinity]), [{ int: "1" }, "Infinity"]],
  "a pattern": [/\/etc\/hosts/g, expect.any(String)],
  "a URL": [new URL("https://a:b@example.com/"), "https://<credentials>@example.com/"],
  "boxed values": [
    [Object(1), Object("a"), Object(true), Object(NaN)],
    [{ int: "1" }, "a", true, "NaN"],
  ],
  "an error": [
    Object.assign(new TypeError("in /etc/hosts"), { stack: "TypeError" }),
    { name: "TypeError", message: "in <path>", stack: "TypeError" },
  ],
  bytes: [new Uint8Array([1, 2]), "<binary>"],
  "an object": [
    { a: { b: [2n, { c: -Infinity }], d: undefined }, "\ud83d": "\ud83d" },
    { a: { b: ["2", { c: "-Infinity" }] }, "\ufffd": "\ufffd" },
  ],
  "an object with a getter that throws": [
    {
      get bad() {
        return hostile();
      },
      good: 1,
    },
    { bad: "<redacted>", good: { int: "1" } },
  ],
  "what says itself what it is": [{ toJSON: () => ({ at: NaN }) }, { at: "NaN" }],
  "a proxy that throws": [new Proxy({}, { ownKeys: hostile }), "<redacted>"],
};
const circular: Record<string, unknown> = { a: 1 };
circular["self"] = circular;

describe("an attribute that a collector would refuse or misread", () => {
  it.each(Object.entries(VALUES))("arrives in an accepted form: %s", (_, [value, expected]) => {
    const attributes = { before: "x", "land.value": value, after: 1 };
    const whole = { before: "x", "land.value": expected, after: { int: "1" } };
    const span = spanWith({
      attributes,
      events: [{ name: "event", time: START, attributes }],
      links: [{ context: CONTEXT, attributes }],
      resource: { attributes },
    });
    const copy = redactSpan(redactor, span);
    for (const read of [readJson, readProtobuf]) {
      const request = read([copy]);
      const { attributes: own, events, links } = onlySpan(request);
      const all = [request[0]?.attributes, own, events[0]?.attributes, links[0]?.attributes];
      expect(all).toEqual([whole, whole, whole, whole]);
    }
  });

  it.each(Object.entries(VALUES))("is made acceptable without redaction too: %s", (_, [value]) => {
    received(spanWith({ attributes: { "land.value": value, list: [value] } }), off);
    received(spanWith({ attributes: { "land.allowed": value } }));
    received(spanWith({ attributes: { value: { deep: trusted({ value, path: "/etc/hosts" }) } } }));
  });

  it("keeps all its contents if it is allowed, trusted or sent without redaction", () => {
    const value = { path: "/etc/hosts", list: ["/etc/hosts", NaN], bytes: new Uint8Array([1]) };
    const kept = { path: "/etc/hosts", list: ["/etc/hosts", "NaN"], bytes: { bytes: "AQ==" } };
    const attributes = { "land.allowed": value, "land.trusted": trusted({ ...value }) };
    expect(received(spanWith({ attributes })).attributes).toEqual({
      "land.allowed": kept,
      "land.trusted": kept,
    });
    expect(received(spanWith({ attributes: { value } }), off).attributes).toEqual({ value: kept });
    const long = Array.from({ length: 6_000 }, (_, index) => index);
    expect(received(spanWith({ attributes: { long } }), off).attributes["long"]).toHaveLength(
      6_000,
    );
  });

  it("is cut off if it is circular or too deep", () => {
    let deep: unknown = "end";
    for (let level = 0; level < 10_000; level++) deep = [deep];
    const attributes = { circular, deep, "land.allowed": circular, trusted: trusted([circular]) };
    for (const own of [redactor, off]) {
      const { attributes: sent } = received(spanWith({ attributes }), own);
      expect(sent["circular"]).toEqual({ a: { int: "1" }, self: "<circular>" });
      expect(JSON.stringify(sent["deep"])).toMatch(/^\[+"<deep>"\]+$/);
    }
  });

  it("gets a name that UTF-8 can hold", () => {
    const attributes = { "a\ud83d": 1, "b\ud83d": "/etc/hosts", c: "plain" };
    const expected = { "a\ufffd": { int: "1" }, "b\ufffd": "<path>", c: "plain" };
    expect(received(spanWith({ attributes })).attributes).toEqual(expected);
    expect(Object.keys(attributes)).toEqual(["a\ud83d", "b\ud83d", "c"]);
  });

  it("does not affect the others if its getter throws", () => {
    const attributes = {
      get bad() {
        return hostile();
      },
      good: "/etc/hosts",
    };
    const expected = { bad: "<redacted>", good: "<path>" };
    expect(received(spanWith({ attributes })).attributes).toEqual(expected);
  });
});

describe("an invalid time", () => {
  it.each([
    ["not a number", [NaN, 0]],
    ["negative", [-1, 0]],
    ["negative in its nanoseconds", [1, -1]],
    ["infinite", [Infinity, 0]],
    ["beyond what nanoseconds in 64 bits can say", [2 ** 34, 0]],
    ["too short", [1]],
    ["made of texts", ["1", "2"]],
    ["made of bigints", [1n, 2n]],
    ["no list", 1_700_000_000],
    ["missing", undefined],
  ])("is replaced by the nearest valid one: %s", (_, time) => {
    const start = "1700000000000000005";
    const end = "1700000001000000007";
    const events = [{ name: "a", time }];
    expect(received(spanWith({ startTime: time }))).toMatchObject({ start: end, end });
    expect(received(spanWith({ endTime: time }))).toMatchObject({ start, end: start });
    expect(received(spanWith({ events })).events).toMatchObject([{ time: end }]);
    const before = BigInt(Date.now()) * 1_000_000n;
    const none = received(spanWith({ startTime: time, endTime: time }));
    expect(none.start).toBe(none.end);
    expect(BigInt(none.end)).toBeGreaterThanOrEqual(before);
  });

  it("is not one with fractions or excess nanoseconds, which both serializers normalise alike", () => {
    expect(
      received(spanWith({ startTime: [1.5, 0.75], endTime: [1, 1_000_000_000] })),
    ).toMatchObject({
      start: "1000000000",
      end: "2000000000",
    });
  });
});

describe("the other members of a span", () => {
  it.each([-1, 5, 1.5, NaN, "SERVER", null, undefined])("have a valid kind, not %p", (kind) => {
    expect(received(spanWith({ kind })).kind).toBe("1");
  });

  it.each([-1, 3, 1.5, "2", null, undefined])("have a valid status code, not %p", (code) => {
    expect(received(spanWith({ status: { code, message: "m" } })).status).toEqual({
      code: "0",
      message: "m",
    });
  });

  it.each([
    ["no trace id", { ...CONTEXT, traceId: "" }],
    ["an invalid trace id", { ...CONTEXT, traceId: "0".repeat(32) }],
    ["a trace id of other letters", { ...CONTEXT, traceId: "g".repeat(32) }],
    ["an invalid span id", { ...CONTEXT, spanId: "b7" }],
    ["a span id that is no text", { ...CONTEXT, spanId: 7 }],
    ["no context", undefined],
  ])("include no link with %s, which is counted as dropped", (_, context) => {
    const links = [{ context }, { context: CONTEXT }, { context }] as Link[];
    const span = received(spanWith({ links, droppedLinksCount: 4 }));
    expect(span.links).toHaveLength(1);
    expect(span.dropped).toEqual(["0", "0", "6"]);
    expect(received(spanWith({ parentSpanContext: context })).parentSpanId).toBe("");
    expect(received(spanWith({ spanContext: () => context }))).toMatchObject({ name: "work" });
  });

  it.each([
    [-1, 0],
    [2 ** 40, 2 ** 32 - 1],
    [1.5, 0],
    [NaN, 0],
    ["3", 0],
    [null, 0],
    [undefined, 0],
    [7, 7],
  ])("have the dropped count %p sent as %p", (count, sent) => {
    const names = ["droppedAttributesCount", "droppedEventsCount", "droppedLinksCount"];
    const span = received(spanWith(Object.fromEntries(names.map((name) => [name, count]))));
    expect(span.dropped).toEqual(Array(3).fill(String(sent)));
    received(spanWith({ events: [{ name: "a", time: START, droppedAttributesCount: count }] }));
    received(spanWith({ links: [{ context: CONTEXT, droppedAttributesCount: count }] }));
  });

  it("have valid flags and a valid trace state, whatever the context holds", () => {
    for (const odd of [
      { traceFlags: "1" },
      { traceFlags: 1n },
      { traceState: "a=b" },
      { traceState: { serialize: hostile } },
      { traceState: { serialize: () => 5 } },
      { traceState: { serialize: () => "a=\ud83d" } },
    ]) {
      const context = { ...CONTEXT, ...odd };
      received(
        spanWith({ spanContext: () => context, links: [{ context }], parentSpanContext: context }),
      );
    }
  });

  const MEMBERS = Object.keys(spanWith());

  it.each(MEMBERS)("stay if %s is missing, of the wrong type, or throws", (name) => {
    const kept = { attributes: { path: "/etc/hosts" }, events: [{ name: "a", time: START }] };
    const expected = name === "attributes" ? {} : { path: "<path>" };
    for (const span of [
      spanWith({ ...kept, [name]: undefined }),
      spanWith({ ...kept, [name]: null }),
      spanWith({ ...kept, [name]: 7 }),
      spanWith({ ...kept, [name]: "text" }),
      spanWith({ ...kept, [name]: Proxy.revocable({}, {}).proxy }),
      spanWith({ ...kept, [name]: new Proxy([1, 2], { get: hostile }) }),
      Object.defineProperty(spanWith(kept), name, { get: hostile }),
    ]) {
      const { attributes, events, start } = received(span);
      expect(attributes).toEqual(name === "attributes" ? expect.anything() : expected);
      if (name !== "events") expect(events).toHaveLength(1);
      if (!name.endsWith("Time")) expect(start).toBe("1700000000000000005");
    }
  });

  it("stay if part of an event, link, status, resource or scope throws", () => {
    const throwing = (part: object, name: string): object =>
      Object.defineProperty({ ...part }, name, { get: hostile, enumerable: true });
    const event = { name: "event", time: START, attributes: { a: 1 } };
    const link = { context: CONTEXT, attributes: { a: 1 } };
    for (const name of Object.keys(event)) {
      const { events } = received(spanWith({ events: [event, throwing(event, name), event] }));
      expect(events).toHaveLength(3);
      expect([events[0], events[2]]).toMatchObject([{ name: "event" }, { name: "event" }]);
    }
    expect(
      received(spanWith({ links: [link, throwing(link, "context"), link] })).links,
    ).toHaveLength(2);
    expect(received(spanWith({ links: [throwing(link, "attributes")] })).links).toHaveLength(1);
    expect(received(spanWith({ events: [null, event, 7], links: [null, link] }))).toMatchObject({
      events: [{ name: "event" }],
      links: [{ spanId: CONTEXT.spanId }],
    });
    for (const name of ["code", "message"])
      received(spanWith({ status: throwing({ code: 2, message: "m" }, name) }));
    for (const name of ["attributes", "schemaUrl", "asyncAttributesPending"])
      received(spanWith({ resource: throwing({ attributes: {} }, name) }));
    for (const name of ["name", "version", "schemaUrl", "attributes", "droppedAttributesCount"])
      received(spanWith({ instrumentationScope: throwing({ name: "s" }, name) }));
    for (const name of ["traceId", "spanId", "traceFlags", "isRemote", "traceState"]) {
      const context = throwing(CONTEXT, name);
      received(
        spanWith({ spanContext: () => context, parentSpanContext: context, links: [{ context }] }),
      );
    }
  });
});

describe("for any span", () => {
  /** Strings with secrets, control characters, characters of every plane and lone surrogates. */
  const text = fc.oneof(
    fc.constantFrom("/home/jane.quist/work/a.ts", "mail jane@example.org", "jane.quist", ""),
    fc.string({ unit: "binary" }),
    fc.array(fc.nat(0xffff), { maxLength: 9 }).map((units) => String.fromCharCode(...units)),
  );
  const anything = fc.oneof(
    text,
    fc.double(),
    fc.integer(),
    fc.bigInt(),
    fc.constantFrom(2 ** 53, -(2 ** 63), 2 ** 64, 1e300),
    fc.anything({
      withBigInt: true,
      withBoxedValues: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
      withSparseArray: true,
      withNullPrototype: true,
    }),
  );
  const attributes = fc.oneof(fc.dictionary(text, anything, { maxKeys: 5 }), anything);
  const time = fc.oneof(
    fc.tuple(fc.nat(2_000_000_000), fc.nat(1_500_000_000)),
    fc.tuple(fc.double(), fc.double()),
    anything,
  );
  const id = (length: number) =>
    fc.oneof(
      fc.string({
        unit: fc.constantFrom(...Array.from("0123456789abcdefF")),
        minLength: length,
        maxLength: length,
      }),
      anything,
    );
  const context = fc.oneof(
    fc.record({
      traceId: id(32),
      spanId: id(16),
      traceFlags: fc.oneof(fc.nat(300), anything),
      isRemote: anything,
    }),
    anything,
  );
  const event = fc.oneof(
    fc.record({ name: anything, time, attributes, droppedAttributesCount: anything }),
    anything,
  );
  const link = fc.oneof(
    fc.record({ context, attributes, droppedAttributesCount: anything }),
    anything,
  );
  const members = fc.record(
    {
      name: anything,
      kind: fc.oneof(fc.nat(6), anything),
      parentSpanContext: context,
      startTime: time,
      endTime: time,
      status: fc.oneof(
        fc.record({ code: fc.oneof(fc.nat(4), anything), message: anything }),
        anything,
      ),
      attributes,
      events: fc.oneof(fc.array(event, { maxLength: 3 }), anything),
      links: fc.oneof(fc.array(link, { maxLength: 3 }), anything),
      resource: fc.oneof(fc.record({ attributes, schemaUrl: anything }), anything),
      instrumentationScope: fc.oneof(
        fc.record({
          name: anything,
          version: anything,
          schemaUrl: anything,
          attributes,
          droppedAttributesCount: anything,
        }),
        anything,
      ),
      droppedAttributesCount: anything,
      droppedEventsCount: anything,
      droppedLinksCount: anything,
      context,
    },
    { requiredKeys: [] },
  );

  it("a collector accepts the copy, the same in both encodings, and the original stays unchanged", () => {
    fc.assert(
      fc.property(members, fc.boolean(), ({ context: own = CONTEXT, ...rest }, isOn) => {
        const before = fc.stringify(rest);
        received(spanWith({ ...rest, spanContext: () => own }), isOn ? redactor : off);
        expect(fc.stringify(rest)).toBe(before);
      }),
      { numRuns: 500 },
    );
  });

  it("its neighbours in a request are not affected", () => {
    const good = redactSpan(redactor, ended("good", { a: 1 }));
    fc.assert(
      fc.property(members, ({ context: own = CONTEXT, ...rest }) => {
        const odd = redactSpan(redactor, spanWith({ ...rest, spanContext: () => own }));
        for (const read of [readJson, readProtobuf])
          expect(JSON.stringify(read([good, odd]))).toContain(good.spanContext().spanId);
      }),
      { numRuns: 100 },
    );
  });
});
