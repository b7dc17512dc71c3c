import { diag, DiagLogLevel } from "@opentelemetry/api";
import { createRedactor } from "../../lib/redaction/createRedactor.js";
import { trusted } from "../../lib/redaction/trusted.js";

const applicationRoot = "/opt/land/cocoon";
const machine = { home: "/home/jane.quist", user: "jane.quist" };
const redactor = createRedactor({ applicationRoot }, machine);

/** The warnings given while `run` runs. */
function warnings(run: () => void): string[] {
  const said: string[] = [];
  const ignore = (): void => undefined;
  diag.setLogger(
    {
      error: ignore,
      warn: (message) => said.push(message),
      info: ignore,
      debug: ignore,
      verbose: ignore,
    },
    DiagLogLevel.ALL,
  );
  run();
  diag.disable();
  return said;
}

describe("createRedactor", () => {
  it.each([
    ["/home/jane.quist", "<home>"],
    ["/home/jane.quist/work/plan.ts", "<home>/<path>"],
    ["/etc/hosts", "<path>"],
    ["spawn /usr/bin/git ENOENT", "spawn <path> ENOENT"],
    ["copy /a/b/c.ts to /d/e/f.ts", "copy <path> to <path>"],
    ["/opt/land/cocoon/dist/main.js", "<app>/dist/main.js"],
    ["file:///opt/land/cocoon/dist/main.js", "<app>/dist/main.js"],
    ["ask anna@example.com today", "ask <email> today"],
    ["https://anna:pw@example.com/a?b=c#d", "https://<credentials>@example.com/a?<query>"],
    ["password=hunter2 ok", "password=<secret> ok"],
    ["Bearer abc123def456", "Bearer <token>"],
    ["hello jane.quist!", "hello <user>!"],
  ])("labels what it removes from %s", (text, expected) => {
    expect(redactor.text(text)).toBe(expected);
  });

  it.each([
    "/home/x/y ",
    "C:\\Users\\k ",
    "%2Fhome%2Fx ",
    "/a b ",
    "cannot read /etc/ssl/my key.pem ",
  ])("does not mistake the beginning of a private key for the rest of a path: %s", (path) => {
    const text = redactor.text(
      `${path}-----BEGIN PRIVATE KEY-----\nSECRETabcdefghijklmnop\nqrstuvwxyz\n-----END PRIVATE KEY-----`,
    );
    expect(text).not.toMatch(/SECRET|qrstuv/);
    expect(text).toContain("<private-key>");
  });

  it("keeps the functions, file names and lines of a stack, and paths inside the application", () => {
    const stack = [
      "Error: open '/home/jane.quist/plan.ts'",
      "    at Handler.step (/opt/land/cocoon/dist/handler.js:10:5)",
      "    at read (/home/jane.quist/My Work/reader.js:3:4)",
      "    at file:///srv/lib/loader.mjs:5:6",
      "    at async C:\\Work\\tools\\run.js:7:8",
      "    at node:internal/process/task_queues:95:5",
    ].join("\n");
    expect(redactor.text(stack)).toBe(
      [
        "Error: open '<home>/<path>'",
        "    at Handler.step (<app>/dist/handler.js:10:5)",
        "    at read (<path>/reader.js:3:4)",
        "    at <path>/loader.mjs:5:6",
        "    at async <path>/run.js:7:8",
        "    at node:internal/process/task_queues:95:5",
      ].join("\n"),
    );
  });

  it("finds an encoded path each time that the same text is redacted", () => {
    const redacted = Array.from({ length: 200 }, () => redactor.text("open ~anna%252Ffile"));
    expect(new Set(redacted)).toEqual(new Set(["open <home>/<path>"]));
  });

  it("finds the user's name only as a whole word, and a short one only in a path or an address", () => {
    expect(createRedactor({}, { home: "/x/y", user: "jo" }).text("jo")).toBe("jo");
    expect(createRedactor({}, { home: "/x/y", user: "a12" }).text("a12")).toBe("a12");
    const anne = createRedactor({}, { home: "/x/y", user: "anne" });
    expect(anne.text("anne Anne anneke joanne anne-x")).toBe(
      "<user> <user> anneke joanne <user>-x",
    );
    const ann = createRedactor({}, { home: "/x/y", user: "ann" });
    expect(ann.text("ann ../ann/x ann@box")).toBe("ann ../<user>/x <user>@box");
  });

  it("does not treat machine accounts as user names", () => {
    expect(createRedactor({}, { home: "/root", user: "node" }).text("node:internal root")).toBe(
      "node:internal root",
    );
  });

  it("derives the user's name from the home directory too", () => {
    expect(createRedactor({}, { home: "/Users/anna", user: "" }).text("hello anna")).toBe(
      "hello <user>",
    );
  });

  it("refuses an application root that would let the home directory through", () => {
    for (const applicationRoot of ["/", "/home", "/home/jane.quist"]) {
      expect(createRedactor({ applicationRoot }, machine).text("/home/jane.quist/a/b")).toBe(
        "<home>/<path>",
      );
    }
  });

  it("lets the distinct id and the values of allowed keys pass, and leaves keys unchanged", () => {
    const own = createRedactor({ allowKeys: ["land.folder"] }, machine);
    const attributes = {
      "posthog.distinct_id": "jane.quist",
      "land.folder": "/etc/hosts",
      "/etc/hosts": 1,
    };
    expect(own.attributes(attributes)).toBe(attributes);
  });

  it("replaces the values of denied keys, whatever they hold, even if those are also allowed", () => {
    const own = createRedactor(
      { allowKeys: ["land.secret-plan"], denyKeys: ["secret_plan", "count"] },
      machine,
    );
    expect(own.attributes({ "land.secret-plan": "harmless", count: 3, other: 3 })).toEqual({
      "land.secret-plan": "<redacted>",
      count: "<redacted>",
      other: 3,
    });
    expect(own.text("harmless", "Count")).toBe("<redacted>");
    expect(own.value({ a: [{ count: { b: 1 } }] })).toEqual({ a: [{ count: "<redacted>" }] });
  });

  it("recognises the names of secrets", () => {
    const attributes = {
      password: "tulip",
      "http.request.header.x-api-key": "tulip",
      clientSecret: "tulip",
      "url.query": "a=b",
      "gen_ai.usage.output_tokens": 42,
      token: "word",
    };
    expect(redactor.attributes(attributes)).toEqual({
      ...attributes,
      password: "<secret>",
      "http.request.header.x-api-key": "<secret>",
      clientSecret: "<secret>",
      "url.query": "<query>",
    });
  });

  it("applies the caller's patterns everywhere, and a function last", () => {
    const own = createRedactor(
      {
        patterns: [/ticket-\d+/, { name: "crew", pattern: /crew [a-z]+/y }],
        redact: (value, key) => `${key ?? "-"}:${value}`,
      },
      machine,
    );
    expect(own.text("ticket-1 ticket-2 crew red /etc/hosts", "k")).toBe(
      "k:<redacted> <redacted> <crew> <path>",
    );
    expect(own.text("$& x")).toBe("-:$& x");
  });

  it("redacts the whole value if a rule throws or does not return a string", () => {
    const pattern = /x/g;
    pattern.exec = () => {
      throw new Error("broken");
    };
    const broken = [
      { patterns: [pattern] },
      {
        redact: () => {
          throw new Error("broken");
        },
      },
      { redact: () => undefined as unknown as string },
      { redact: "no function" as unknown as () => string },
    ];
    for (const options of broken)
      expect(createRedactor(options, machine).text("harmless x")).toBe("<redacted>");
  });

  it("reports each unusable option once, and goes on working", () => {
    const options = {
      patterns: ["x" as unknown as RegExp],
      maxValueLength: -1,
      allowKeys: [7 as unknown as string],
    };
    let own = redactor;
    expect(warnings(() => (own = createRedactor(options, machine)))).toHaveLength(3);
    expect(own.text("/etc/hosts")).toBe("<path>");
  });

  it("changes nothing if it is off", () => {
    const off = createRedactor({ enabled: false, maxValueLength: 16, denyKeys: ["a"] }, machine);
    const attributes = { a: "/etc/hosts".repeat(9) };
    expect(off.attributes(attributes)).toBe(attributes);
    expect(off.text("jane.quist", "a")).toBe("jane.quist");
  });

  it("recognises an Airtable token, but no word that begins like one", () => {
    expect(redactor.text(`with patAbCdEfGh12345x.${"a1b2c3d4".repeat(8)} done`)).toBe(
      "with <token> done",
    );
    expect(redactor.text("path pattern patternsOfWords1.abc")).toBe(
      "path pattern patternsOfWords1.abc",
    );
  });

  it("cuts a text after its 512th find", () => {
    const text = redactor.text('"/srv/a/b",'.repeat(600));
    expect(text).toBe(`${'"<path>",'.repeat(511)}"<path><cut>`);
    expect(redactor.text('"/srv/a/b",'.repeat(511))).toBe('"<path>",'.repeat(511));
  });

  it("examines every candidate in a text, however many there are", () => {
    const text = `${"a@ ".repeat(2_000)}anna@example.com`;
    expect(redactor.text(text)).toBe(`${"a@ ".repeat(2_000)}<email>`);
    const dense = `{${'"a":1,'.repeat(1_364)}}`;
    expect(redactor.text(dense)).toBe(dense);
  });

  it("cuts long values, but never in the middle of a secret", () => {
    expect(redactor.text("a".repeat(8_192))).toHaveLength(8_192);
    expect(redactor.text("b ".repeat(8_192))).toBe(`${"b ".repeat(4_096)}<cut>`);
    const token = `ghp_${"a1B2".repeat(9)}`;
    const own = createRedactor({ maxValueLength: 100 }, machine);
    for (let shift = 50; shift <= 110; shift++) {
      const text = own.text(
        `${".".repeat(shift)} ${token} anna@example.com /etc/hosts ${"x".repeat(400)}`,
      );
      expect(text).not.toMatch(/ghp_|anna|etc/);
      expect(text.endsWith("<cut>")).toBe(true);
    }
    expect(own.text(`${"a".repeat(99)}🎉 b`)).toBe(`${"a".repeat(99)}<cut>`);
  });

  it("lets trusted values pass, but not under a denied key", () => {
    const path = trusted("/opt/resources/trusted.json");
    expect(redactor.attributes({ a: path, b: [path], c: "/opt/resources/other.json" })).toEqual({
      a: path,
      b: [path],
      c: "<path>",
    });
    expect(redactor.text(`${path} x`)).toBe("<path> x");
    expect(createRedactor({ denyKeys: ["a"], redact: () => "own" }, machine).text(path, "a")).toBe(
      "<redacted>",
    );
    expect(createRedactor({ redact: () => "own" }, machine).text(path)).toBe(path);
  });

  it("forgets the oldest trusted string beyond a thousand", () => {
    const first = trusted("/opt/resources/first.json");
    for (let index = 0; index < 1_000; index++) trusted(`/opt/resources/${index}`);
    expect(redactor.text(first)).toBe("<path>");
    expect(redactor.text("/opt/resources/999")).toBe("/opt/resources/999");
  });

  it("redacts what is not a string", () => {
    expect(redactor.text(undefined as unknown as string)).toBe("<redacted>");
  });
});
