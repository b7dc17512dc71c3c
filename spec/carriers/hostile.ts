import { Metadata } from "@grpc/grpc-js";
import * as fc from "fast-check";
import { SPAN_ID, TRACE_ID, TRACEPARENT } from "./contexts.js";

/** A carrier nobody would send on purpose, and the objects behind it whose state must not change. */
export interface Hostile {
  readonly carrier: unknown;
  readonly parts: readonly unknown[];
}

/** How many carriers a property is tried with: its share of FUZZ_RUNS, by default 2,000. */
export function fuzzRuns(share: number): number {
  return Math.ceil(Number(process.env["FUZZ_RUNS"] ?? 2_000) * share);
}

/** A million carriers take minutes. */
export const FUZZ_TIMEOUT_MS = process.env["FUZZ_RUNS"] === undefined ? 30_000 : 3_600_000;

const NAMES = [
  "traceparent",
  "tracestate",
  "baggage",
  "Traceparent",
  "TRACEPARENT",
  "TraceState",
  "BAGGAGE",
  "TRACESTATE",
];
const PAYLOAD_NAMES = ["_traceparent", "_tracestate", "_baggage", "_land-counted", "_Traceparent"];
const DANGEROUS = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "valueOf",
  "toJSON",
  "hasOwnProperty",
  "get",
  "set",
  "delete",
  "has",
  "keys",
  "then",
  "length",
  "0",
];

/** Any UTF-16, halves of surrogate pairs and control characters included. */
const anyText = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0x20, max: 0x7e })), {
    maxLength: 40,
  })
  .map((codes) => String.fromCharCode(...codes));

const mutated = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(text, fc.nat(80), fc.nat(3), anyText)
    .map(
      ([before, at, removed, inserted]) =>
        before.slice(0, at) + inserted + before.slice(at + removed),
    );

const traceparent = fc.oneof(
  fc.constant(TRACEPARENT),
  fc
    .tuple(
      fc.constantFrom("00", "01", "cc", "ff"),
      fc.constantFrom(TRACE_ID, "0".repeat(32)),
      fc.constantFrom(SPAN_ID, "0".repeat(16)),
      fc.nat(255),
      fc.constantFrom("", "-", "-x", ".", " "),
    )
    .map(
      ([version, traceId, spanId, flags, end]) =>
        `${version}-${traceId}-${spanId}-${flags.toString(16).padStart(2, "0")}${end}`,
    ),
);
const list = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "foo=1",
        "a@b=2",
        "=",
        "",
        " ",
        "k=v;p=1;q",
        "k=%C3%A4",
        "k=%zz",
        "K=1",
        "__proto__=1",
        "session.id=x",
      ),
      anyText,
    ),
    { maxLength: 40 },
  )
  .map((members) => members.join(","));
const large = fc
  .tuple(
    fc.constantFrom("a", "a=1,", ",", " ", "\t", "=", ";", "-", "%", "\ud800", TRACEPARENT),
    fc.integer({ min: 1_000, max: 40_000 }),
  )
  .map(([unit, times]) => unit.repeat(times));

const text = fc.oneof(
  { arbitrary: traceparent, weight: 4 },
  { arbitrary: list, weight: 4 },
  { arbitrary: mutated(fc.oneof(traceparent, list)), weight: 4 },
  { arbitrary: anyText, weight: 2 },
  { arbitrary: large, weight: 0 },
);
const textOrLarge = fc.oneof({ arbitrary: text, weight: 199 }, { arbitrary: large, weight: 1 });
const scalar = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    undefined,
    true,
    0,
    -1,
    Number.NaN,
    Infinity,
    10n,
    Symbol.iterator,
  ),
  fc.double(),
  textOrLarge,
);
const value = fc.oneof(
  { arbitrary: textOrLarge, weight: 6 },
  { arbitrary: scalar, weight: 1 },
  { arbitrary: fc.array(scalar, { maxLength: 4 }), weight: 2 },
  { arbitrary: fc.dictionary(fc.constantFrom(...DANGEROUS, "a"), scalar), weight: 1 },
);
const key = fc.oneof(
  { arbitrary: fc.constantFrom(...NAMES, ...PAYLOAD_NAMES), weight: 6 },
  { arbitrary: fc.constantFrom(...DANGEROUS), weight: 2 },
  { arbitrary: anyText, weight: 1 },
);
const entries = fc.array(fc.tuple(key, value), { maxLength: 8 });

/** Always throws; for getters, methods and traps. */
export const fail = (): never => {
  throw new Error("hostile");
};

const TRAPS = [
  "get",
  "set",
  "has",
  "ownKeys",
  "getOwnPropertyDescriptor",
  "defineProperty",
  "deleteProperty",
  "getPrototypeOf",
  "isExtensible",
] as const;

class Instance {
  readonly own = 1;
}

const shape = fc.constantFrom(
  "plain",
  "bare",
  "frozen",
  "sealed",
  "map",
  "headers",
  "metadata",
  "getters",
  "proxy",
  "revoked",
  "circular",
  "array",
  "instance",
  "methods",
  "function",
  "inherited",
  "bytes",
);

/** Carriers of every shape, hostile in shape, keys and values. */
export const hostileCarrier: fc.Arbitrary<Hostile> = fc.oneof(
  {
    arbitrary: fc
      .tuple(shape, entries, fc.subarray([...TRAPS]))
      .map(([kind, content, traps]) => make(kind, content, traps)),
    weight: 20,
  },
  { arbitrary: scalar.map((carrier) => ({ carrier, parts: [] })), weight: 1 },
);

/** Header values, legal and illegal, a few of them very large. */
export const hostileText: fc.Arbitrary<string> = textOrLarge;

function make(
  kind: string,
  content: [string, unknown][],
  traps: readonly (typeof TRAPS)[number][],
): Hostile {
  const plain: Record<string, unknown> = {};
  for (const [name, held] of content)
    Object.defineProperty(plain, name, {
      value: held,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  const alone = (carrier: unknown): Hostile => ({ carrier, parts: [carrier] });
  switch (kind) {
    case "bare":
      return alone(Object.setPrototypeOf(plain, null));
    case "frozen":
      return alone(Object.freeze(plain));
    case "sealed":
      return alone(Object.seal(plain));
    case "map":
      return alone(new Map<unknown, unknown>([...content, [1, 2], [{}, {}]]));
    case "headers":
      return alone(
        attempt(new Headers(), content, (headers, name, held) =>
          headers.append(name, String(held)),
        ),
      );
    case "metadata":
      return alone(
        attempt(new Metadata(), content, (metadata, name, held) =>
          metadata.add(name, held as string),
        ),
      );
    case "getters":
      for (const [name] of content)
        Object.defineProperty(plain, name, { get: fail, enumerable: true, configurable: true });
      return alone(plain);
    case "proxy":
      return {
        carrier: new Proxy(plain, Object.fromEntries(traps.map((trap) => [trap, fail]))),
        parts: [plain],
      };
    case "revoked": {
      const { proxy, revoke } = Proxy.revocable(plain, {});
      revoke();
      return { carrier: proxy, parts: [plain] };
    }
    case "circular":
      plain["self"] = plain;
      return alone(plain);
    case "array":
      return alone(content);
    case "instance":
      return alone(
        Object.assign(
          new Instance(),
          Object.fromEntries(content.filter(([name]) => name !== "__proto__")),
        ),
      );
    case "methods":
      return alone({
        ...plain,
        get: traps.length > 4 ? fail : (name: string) => plain[name],
        set: fail,
      });
    case "function":
      return alone(Object.assign(() => plain, { traceparent: TRACEPARENT }));
    case "inherited":
      return alone(Object.create(plain));
    case "bytes":
      return alone(Uint8Array.from([1, 2, 3]));
    default:
      return alone(plain);
  }
}

function attempt<C>(
  carrier: C,
  content: [string, unknown][],
  add: (carrier: C, name: string, held: unknown) => void,
): C {
  for (const [name, held] of content) {
    try {
      add(carrier, name, held);
    } catch {
      // Only legal headers are accepted.
    }
  }
  return carrier;
}
