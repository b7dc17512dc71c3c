import { createRedactor } from "../../lib/redaction/createRedactor.js";
import { trusted } from "../../lib/redaction/trusted.js";

const redactor = createRedactor(
  { applicationRoot: "/opt/land/cocoon" },
  { home: "/home/jane.quist", user: "jane.quist" },
);

describe("value", () => {
  it("copies nested values and leaves the original unchanged", () => {
    const original = {
      list: ["/etc/hosts", { mail: "anna@example.com" }],
      count: 3,
      none: null,
      when: new Date(0),
      big: 7n,
    };
    const before = structuredClone(original);
    expect(redactor.value(original)).toEqual({
      list: ["<path>", { mail: "<email>" }],
      count: 3,
      none: null,
      when: "1970-01-01T00:00:00.000Z",
      big: "7",
    });
    expect(original).toEqual(before);
  });

  it("redacts the contents of sets, maps, URLs, boxed strings and objects with toJSON", () => {
    const value = {
      set: new Set(["/etc/hosts"]),
      map: new Map([["a", "/etc/hosts"]]),
      url: new URL("https://a:b@example.com/?c=d"),
      boxed: new String("/etc/hosts"),
      own: { toJSON: () => "/etc/hosts" },
    };
    expect(redactor.value(value)).toEqual({
      set: ["<path>"],
      map: { a: "<path>" },
      url: "https://<credentials>@example.com/?<query>",
      boxed: "<path>",
      own: "<path>",
    });
  });

  it("never sends the bytes of a buffer", () => {
    expect(redactor.value({ file: Buffer.from("content"), array: new Uint8Array(3) })).toEqual({
      file: "<binary>",
      array: "<binary>",
    });
  });

  it("copies and redacts errors with their cause and inner errors", () => {
    const cause = new AggregateError([new Error("anna@example.com")], "/etc/hosts");
    const copy = redactor.value(new TypeError("in /etc/passwd", { cause })) as Record<
      string,
      Record<string, unknown>
    >;
    expect(copy).toMatchObject({
      name: "TypeError",
      message: "in <path>",
      cause: { name: "AggregateError", message: "<path>", errors: [{ message: "<email>" }] },
    });
    expect(JSON.stringify(copy)).not.toMatch(/\/etc|anna/);
  });

  it("keeps the keys at the top and redacts those of nested objects, which can be data", () => {
    expect(redactor.value({ "/etc/hosts": { "/etc/passwd": 1 } })).toEqual({
      "/etc/hosts": { "<path>": 1 },
    });
  });

  it("survives cycles, depth, size, hostile getters and proxies", () => {
    const circular: Record<string, unknown> = { a: 1 };
    circular["self"] = circular;
    expect(redactor.value(circular)).toEqual({ a: 1, self: "<circular>" });

    let deep: unknown = "/etc/hosts";
    for (let level = 0; level < 10_000; level++) deep = [deep];
    expect(JSON.stringify(redactor.value(deep))).toMatch(/^\[+"<deep>"\]+$/);

    const long = redactor.value(Array.from({ length: 100_000 }, () => "x")) as unknown[];
    expect(long.length).toBeLessThan(10_000);
    expect(long.at(-1)).toBe("<more>");

    const hostile = {
      get bad(): never {
        throw new Error("/etc/hosts");
      },
      good: 1,
      proxy: new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error("no");
          },
        },
      ),
    };
    expect(redactor.value(hostile)).toEqual({ bad: "<redacted>", good: 1, proxy: "<redacted>" });
    const { proxy, revoke } = Proxy.revocable([], {});
    revoke();
    expect(redactor.value({ proxy })).toEqual({ proxy: "<redacted>" });
  });

  it("redacts the result of toJSON by its key, and ignores a boxed value's own valueOf", () => {
    class Sly extends Number {
      override valueOf(): number {
        return "/etc/hosts" as unknown as number;
      }
    }
    expect(redactor.value({ token: { toJSON: () => "abc123def456" }, sly: new Sly(3) })).toEqual({
      token: "<secret>",
      sly: 3,
    });
  });

  it("copies an object that appears twice, without a cycle, both times", () => {
    const shared = { a: "/etc/hosts" };
    expect(redactor.value([shared, shared])).toEqual([{ a: "<path>" }, { a: "<path>" }]);
  });

  it("keeps __proto__ a plain key", () => {
    const copy = redactor.value(JSON.parse('{"__proto__": {"polluted": "/etc/hosts"}}')) as object;
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
    expect(JSON.stringify(copy)).toBe('{"__proto__":{"polluted":"<path>"}}');
    const attributes = redactor.attributes(
      JSON.parse('{"__proto__": "/etc/hosts", "a": 1}') as object,
    );
    expect(JSON.stringify(attributes)).toBe('{"__proto__":"<path>","a":1}');
  });

  it("lets trusted objects pass with all their contents", () => {
    const object = trusted({ path: "/etc/hosts" });
    expect(redactor.value({ object })).toEqual({ object: { path: "/etc/hosts" } });
  });
});

describe("attributes", () => {
  it("that cannot be read are redacted, and nothing is thrown", () => {
    const attributes = {
      get bad(): never {
        throw new Error("/etc/hosts");
      },
      good: "/etc/hosts",
    };
    expect(redactor.attributes(attributes)).toEqual({ bad: "<redacted>", good: "<path>" });
    expect(
      redactor.attributes(
        new Proxy(
          {},
          {
            ownKeys: () => {
              throw new Error("no");
            },
          },
        ),
      ),
    ).toEqual({});
  });

  it("with an endless list are read only up to a limit", () => {
    const asked = new Proxy(["x"], {
      get: (list, name) => (name === "length" ? 1e9 : (Reflect.get(list, name) as unknown)),
      has: () => true,
    });
    const { list } = redactor.attributes({ list: asked }) as { list: unknown[] };
    expect(list.length).toBeLessThan(10_000);
  });

  it("are returned as the same object if nothing changed", () => {
    const attributes = { a: "plain", b: 1, c: ["x", "y"], d: true, e: [1, 2], f: null };
    expect(redactor.attributes(attributes)).toBe(attributes);
  });

  it("are changed in a copy", () => {
    const attributes = { a: "/etc/hosts", b: ["x", "/etc/hosts"] };
    expect(redactor.attributes(attributes)).toEqual({ a: "<path>", b: ["x", "<path>"] });
    expect(attributes).toEqual({ a: "/etc/hosts", b: ["x", "/etc/hosts"] });
  });
});
