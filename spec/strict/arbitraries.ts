import fc from "fast-check";

/** Numbers at the limits of what a wire format, a clock or a type can hold. */
const EDGES = [
  NaN,
  Infinity,
  -Infinity,
  -0,
  0.1,
  -1,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  -(2 ** 53),
  2 ** 63,
  -(2 ** 63) - 1_025,
  2 ** 64,
  1e21,
  1e308,
  5e-324,
];

function cycle(): object {
  const around: Record<string, unknown> = { list: [] };
  around["self"] = around;
  (around["list"] as unknown[]).push(around, new Map([[around, around]]));
  return around;
}

/** Strings of any UTF-16 units, including lone surrogates. */
const text = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc
    .array(
      fc.oneof(fc.integer({ min: 0xd7f0, max: 0xe010 }), fc.integer({ min: 0, max: 0xffff })),
      {
        maxLength: 12,
      },
    )
    .map((units) => String.fromCharCode(...units)),
  fc.constantFrom("", "__proto__", "constructor", "toString", "\u0000", "\ud83d", "\ude00", "#"),
);

/** Anything at all. */
export const value: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<unknown>(...EDGES) },
  { weight: 4, arbitrary: text },
  {
    weight: 2,
    arbitrary: fc.anything({
      key: text,
      withBigInt: true,
      withBoxedValues: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withObjectString: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
      maxDepth: 2,
      maxKeys: 4,
    }),
  },
  { weight: 2, arbitrary: fc.bigInt() },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom<() => unknown>(
        () => undefined,
        () => null,
        () => Symbol("any"),
        () => () => 1,
        () => new Date(NaN),
        () => /pattern/g,
        () => new URL("http://127.0.0.1/x?y=z"),
        () => new Headers({ a: "b" }),
        () => new Error("any", { cause: new Error("inner") }),
        () => new Uint8Array([1, 2, 255]),
        () =>
          new Proxy(
            {},
            {
              get: () => {
                throw new Error("trap");
              },
            },
          ),
        () => ({
          get x(): never {
            throw new Error("getter");
          },
        }),
        () => ({
          toJSON: () => {
            throw new Error("toJSON");
          },
        }),
        cycle,
      )
      .map((make) => make()),
  },
  {
    weight: 1,
    arbitrary: fc.array(fc.oneof(fc.constantFrom<unknown>(...EDGES), text), { maxLength: 6 }),
  },
);

/** Deep and large values, which are rare. */
const huge: fc.Arbitrary<unknown> = fc
  .constantFrom<() => unknown>(
    () => "\ud83d".repeat(100_000),
    () => Array.from({ length: 20_000 }, (_, i) => i / 0),
    () => Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`k${i}`, 2 ** 63 + i])),
    () => Array.from({ length: 200 }).reduce<unknown>((inner) => [inner], 1),
  )
  .map((make) => make());

const attributes = fc.oneof(
  { weight: 8, arbitrary: fc.dictionary(text, value, { maxKeys: 4 }) },
  { weight: 1, arbitrary: value },
);
/** A time in any of its forms, mostly invalid. */
const time: fc.Arbitrary<unknown> = fc.oneof(
  value,
  fc.tuple(fc.oneof(value, fc.integer()), fc.oneof(value, fc.integer())),
  fc.oneof(fc.constantFrom<unknown>(...EDGES), fc.integer()).map((ms) => new Date(ms as number)),
);
const id = fc.oneof(
  text,
  // Valid ids differ from each other, because a child's failure is not counted again at its parent.
  fc
    .tuple(fc.constantFrom(16, 32), fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }))
    .map(([length, digits]) => digits.toString(16).padStart(length, "0")),
  fc.constantFrom("0".repeat(32), "A".repeat(32), "g".repeat(16)),
  value,
);
const traceState = fc.oneof(
  value,
  fc.oneof(text, value).map((serialized) => ({ serialize: () => serialized })),
);
const spanContext = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      traceId: id,
      spanId: id,
      traceFlags: value,
      traceState,
      isRemote: value,
    }),
  },
  { weight: 1, arbitrary: value },
);
const list = (item: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 5, arbitrary: fc.array(item, { maxLength: 3 }) },
    { weight: 1, arbitrary: value },
  );

/** Replacements for the members of a span that a tracer made. */
export const members = fc.record(
  {
    name: fc.oneof(text, value),
    kind: value,
    startTime: time,
    endTime: time,
    duration: time,
    status: fc.oneof(fc.record({ code: value, message: value }), value),
    attributes,
    links: list(
      fc.oneof(
        value,
        fc.record({ context: spanContext, attributes, droppedAttributesCount: value }),
      ),
    ),
    events: list(
      fc.oneof(value, fc.record({ name: value, time, attributes, droppedAttributesCount: value })),
    ),
    parentSpanContext: spanContext,
    context: spanContext,
    resource: fc.oneof(fc.record({ attributes, schemaUrl: value }), value),
    instrumentationScope: fc.oneof(
      fc.record({ name: value, version: value, schemaUrl: value }),
      value,
    ),
    droppedAttributesCount: value,
    droppedEventsCount: value,
    droppedLinksCount: value,
  },
  { requiredKeys: [] },
);

/** Arguments of calls on a tracer's span before it ends, with wrong types, as JavaScript allows. */
export const calls = fc.record(
  {
    startTime: time,
    attributes,
    key: text,
    value: fc.oneof({ weight: 200, arbitrary: value }, { weight: 1, arbitrary: huge }),
    event: fc.tuple(fc.oneof(text, value), attributes, time),
    exception: fc.tuple(value, time),
    status: fc.record({ code: fc.oneof(value, fc.constantFrom(0, 1, 2)), message: value }),
    link: fc.record({ context: spanContext, attributes }),
    name: fc.oneof(text, value),
    end: time,
  },
  { requiredKeys: [] },
);

/** What is captured: a name, an error and properties. */
export const captured = fc.record({
  name: fc.oneof(text, value),
  failure: value,
  properties: fc.oneof(
    { weight: 100, arbitrary: attributes },
    { weight: 1, arbitrary: fc.dictionary(text, huge, { maxKeys: 1 }) },
  ),
});
