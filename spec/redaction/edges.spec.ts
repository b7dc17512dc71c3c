import fc from "fast-check";
import { createRedactor } from "../../lib/redaction/createRedactor.js";
import { timeOf } from "../../lib/redaction/redactSpan.js";
import { trusted } from "../../lib/redaction/trusted.js";

const make = (home: string, user: string, options = {}) =>
  createRedactor({ applicationRoot: "/opt/land/cocoon", ...options }, { home, user });
const redactor = make("/home/jane.quist", "jane.quist");

/** Where one find ends and the next begins: a text, and what is left of it. */
const LEFT: Readonly<Record<string, readonly (readonly [text: string, left: string])[]>> = {
  "names of secrets": [
    ["key=a1b2c3d4e5f6g7h8i9", "key=a1b2c3d4e5f6g7h8i9"],
    ["land_key=a1b2c3d4e5f6g7h8i9", "land_key=<secret>"],
    ["password0=tulip", "password0=<secret>"],
    ["password9=tulip", "password9=<secret>"],
    ["DB_PASSWORD_12=tulip", "DB_PASSWORD_12=<secret>"],
    ["all tests pass: 12345678a", "all tests pass: 12345678a"],
    ["db_pass: 12345678a", "db_pass: <secret>"],
  ],
  "levels of encoding": [
    ["password%2525253Dtulip", "password%2525253D<secret>"],
    ["password%252525253Dtulip", "password%252525253Dtulip"],
  ],
  "a sign before a route": [["see #/settings/profile", "see #/settings/profile"]],
  "signs of assignment": [
    ["token!=a1b2c3d4e5", "token!=<secret>"],
    ["password+=tulip", "password+=<secret>"],
    ["password==tulip", "password==<secret>"],
    ["password:=tulip", "password:=<secret>"],
    ["password::tulip42", "password::tulip42"],
    ["password    =   tulip", "password    =   <secret>"],
    ['"password"   :  "tulip"', '"password"   :  "<secret>"'],
    ['config["password"] = "tulip"', 'config["password"] = "<secret>"'],
    ["password => 'tulip'", "password => '<secret>'"],
    ["password => tulip", "password => tulip"],
    ["password: tulip", "password: tulip"],
    ["password: tulip4", "password: <secret>"],
    ["password:\ttulip4", "password:\t<secret>"],
    ["land:secret:tulip42a", "land:secret:<secret>"],
    ["land:secret:tulip", "land:secret:tulip"],
    ['password("tulip42a")', 'password("<secret>")'],
    ['password ("tulip42a")', 'password ("tulip42a")'],
    ['("password", "tulip42a")', '("password", "<secret>")'],
    ['(password, "tulip42a")', '(password, "tulip42a")'],
    ["<password>tulip</password>", "<password><secret></password>"],
    ["<x:password>tulip</x:password>", "<x:password><secret></x:password>"],
    ["<password>tulip", "<password>tulip"],
    ["a.password>tulip</b>", "a.password>tulip</b>"],
    [
      "<key>password</key>\n<string>tulip</string>",
      "<key>password</key>\n<string><secret></string>",
    ],
    ["name='password'\tvalue='tulip'", "name='password'\tvalue='<secret>'"],
  ],
  "flags and commands": [
    ["--password tulip4", "--password <secret>"],
    ["use --token to go on", "use --token to go on"],
    ["--password --other", "--password --other"],
    ["x--password tulip4", "x--password <secret>"],
    ["x-password tulip42", "x-password tulip42"],
    ["curl -ubob:tulip x", "curl -ubob:<secret> x"],
    ["curl -u bob:8080 x", "curl -u bob:8080 x"],
    ["basic dXNlcjpwYXNz", "basic <token>"],
    ["basic Knowledges", "basic Knowledges"],
    ["bearer abcdefg1", "bearer <token>"],
    ["bearer abcde1f", "bearer abcde1f"],
  ],
  "tokens, which begin with a word": [
    [`x-ghp_${"a1B2".repeat(9)}`, "x-<token>"],
    [`x-qghp_${"a1B2".repeat(9)}`, `x-qghp_${"a1B2".repeat(9)}`],
    [`--qghp_${"a1B2".repeat(9)}`, `--qghp_${"a1B2".repeat(9)}`],
    [`qghp_${"a1B2".repeat(9)}`, `qghp_${"a1B2".repeat(9)}`],
    [`無ghp_${"a1B2".repeat(9)}`, "無<token>"],
    // Letters of a single case, or digits alone, are a word or a number.
    [`ghp_${"abcd".repeat(9)}`, `ghp_${"abcd".repeat(9)}`],
    [`ghp_${"ABCD".repeat(9)}`, `ghp_${"ABCD".repeat(9)}`],
    [`ghp_${"1234".repeat(9)}`, `ghp_${"1234".repeat(9)}`],
    [`ghp_${"abCD".repeat(9)}`, "<token>"],
    [`ghp_${"ab12".repeat(9)}`, "<token>"],
  ],
  "ends of values": [
    ["password='it''s tulip' next", "password='<secret>' next"],
    ['password="a\\"tulip" next', 'password="<secret>" next'],
    ["password=`a``tulip` next", "password=`<secret>``tulip` next"],
    ["password: ['tulip', 'b'] next", "password: <secret> next"],
    ["password='tulip", "password='<secret>"],
    ["password=tulip; next", "password=<secret>; next"],
    ["password=tulip) next", "password=<secret>) next"],
    ["password=tu;lip next", "password=<secret> next"],
    ["password=a&b=c", "password=<secret>&b=c"],
    ['password=""', 'password=""'],
  ],
  paths: [
    ["see a/home/jane.quist/work", "see a<home>/<path>"],
    ["a~/plan", "a~/plan"],
    ["open ~/plan", "open <home>/<path>"],
    ["a~anna/plan", "a~anna/plan"],
    ["open (~/plan)", "open (<home>/<path>)"],
    ['key.replace(/~/g, "~0")', 'key.replace(/~/g, "~0")'],
    ["app.get('/about/me', show)", "app.get('/about/me', show)"],
    ['files.get("/home/anna/plan")', 'files.get("<path>")'],
    ["read('/about/me', show)", "read('<path>', show)"],
    ["open ~anna/plan", "open <home>/<path>"],
    ["b/~anna/plan", "b/~anna/plan"],
    ["http://x.example/~anna/plan", "http://x.example/~anna/plan"],
    ["OPTIONS /home/x/y", "OPTIONS /home/x/y"],
    ["XOPTIONS /home/x/y", "XOPTIONS <path>"],
    ["open /opt/land/cocoon/../other/x", "open <path>"],
    ["cc -I/usr/include/x", "cc -I<path>"],
    ["cc x-I/usr/include/x", "cc x-I/usr/include/x"],
    ["-I/usr/include/x", "-I<path>"],
    ["open /c:/work/a", "open <path>"],
    ["c:/work/a", "<path>"],
    ["see ac:/work", "see ac:/work"],
    ["@fs/srv/a/b", "@fs<path>"],
    ["/srv/a;/srv/b", "<path>;<path>"],
    ["/srv/a;C:\\work", "<path>;<path>"],
    ["/srv/a;b/c", "<path>"],
    ["(/srv/a(1)/b) and more", "(<path>) and more"],
    ["[/srv/a[1]/b] and more", "[<path>] and more"],
    ["(/srv/a(1)/b)/c) and more", "(<path>)/c) and more"],
    ['\\"/srv/a b/c\\" and', '\\"<path>\\" and'],
    ['"/srv/a\\" b" and', '"<path>" and'],
    ['x"/srv/a b" and', 'x"<path>" and'],
    ["/srv/Bob's files/a", "<path>"],
    ["/srv/a.ts and more/less", "<path>"],
    ["/srv/a.ts and more", "<path> and more"],
    ["/srv/My Documents", "<path>"],
    ["x /srv/My Documents", "x <path>"],
    ["x /srv/my documents", "x <path> documents"],
    ["x /srv/a /srv/b", "x <path> <path>"],
    ["x /srv/a, b", "x <path>, b"],
    ["\n    at /srv/a/b.js:1:2", "\n    at <path>/b.js:1:2"],
    ["\n    at f (/srv/a/b.js:1:2)", "\n    at f (<path>/b.js:1:2)"],
    ["    at /srv/a/b.js:1:2", "    at <path>/b.js:1:2"],
    ["\\\\server\\share\\a b\\c", "<path>"],
    ["/a/b:c", "<path>:c"],
    ["/é/b", "<path>"],
    ["無/etc/hosts", "無<path>"],
    ["/x/g.test(y)", "/x/g.test(y)"],
    ["/acme.Service/Get", "/acme.Service/Get"],
  ],
  "addresses and URLs": [
    [".anna@example.com", ".<email>"],
    ["'anna@example.com'", "'<email>'"],
    ["anna@@example.com", "anna@@example.com"],
    ["@example.com", "@example.com"],
    ["é@example.com", "<email>"],
    ["_a@example.com", "<email>"],
    ["a+b@example.com", "<email>"],
    ["git@x.example", "<email>"],
    ["git+ssh://git@box/a", "git+ssh://git@box/a"],
    ["git+ssh://me@x.example/a", "git+ssh://<credentials>@x.example/a"],
    ["redis://:tulip@x", "redis://<credentials>@x"],
    ["http://a:b/c@x.example/", "http://<credentials>@x.example/"],
    ["http://x.example:80/a@b", "http://x.example:80/a@b"],
    ["(http://x.example/?a=b) and", "(http://x.example/?<query>) and"],
    ["file:///", "file:///"],
    ["file:///a", "<path>"],
    ["file:///c:/a b", "<path>"],
    ["http:///etc/hosts", "http://<path>"],
    ["http:///api/hosts", "http:///api/hosts"],
    ["a?b=c:d", "a?b=c:d"],
    ["/a?b=c", "/a?<query>"],
    ["?b=c", "?<query>"],
    ["http://x.example/#a=b#c=d", "http://x.example/#<query>"],
    ["http://x.example/#a", "http://x.example/#a"],
  ],
  "what is encoded": [
    ["%70assword%3Dtulip", "%70assword%3D<secret>"],
    ["\\u0070assword=tulip", "\\u0070assword=<secret>"],
    ["\\x70assword=tulip", "\\x70assword=<secret>"],
    ["&quot;password&quot;:&quot;tulip&quot;", "&quot;password&quot;:&quot;<secret>&quot;"],
    ["{&#39;password&#39;:&apos;tulip&apos;}", "{&#39;password&#39;:&apos;<secret>&apos;}"],
    ["&lt;password&gt;tulip&lt;/password&gt;", "&lt;password&gt;<secret>&lt;/password&gt;"],
    ["\u001b[1mpass\u001b[0mword=tulip", "\u001b[1mpass\u001b[0mword=<secret>"],
    ["\u001b[2K%70assword=tulip", "\u001b[2K%70assword=<secret>"],
    ["\\033[1mpass\\033[0mword=tulip", "\\033[1mpass\\033[0mword=<secret>"],
    ["/srv/%C3%A9/a b=c", "<path>"],
    ["%F0%9F%98%80&password%3Dtulip", "%F0%9F%98%80&password%3D<secret>"],
    ["%E2%82%ACpassword%3Dtulip", "%E2%82%ACpassword%3D<secret>"],
    ["%FF%70assword=tulip", "%FF%70assword=<secret>"],
    ["\\password=tulip", "\\password=<secret>"],
  ],
};

describe.each(Object.entries(LEFT))("%s", (_, rows) => {
  it.each(rows)("%j", (text, left) => {
    expect(redactor.text(text)).toBe(left);
  });
});

describe("redacting the user's name and home", () => {
  it.each([
    ["/data2", "open /data2/plan", "open <home>/<path>"],
    ["/data2", "open /data2", "open <home>"],
    ["/data2", "see a/data2/plan", "see a/data2/plan"],
    ["", "open /plan", "open /plan"],
  ])("finds a home of one segment, %j, but not in a relative path: %j", (home, text, left) => {
    expect(make(home, "wilma").text(text)).toBe(left);
  });

  it.each([
    ["janequist", "JANEQU~1", "<user>"],
    ["jane q", "janeq~1", "<user>"],
    ["janequis", "JANEQU~1", "JANEQU~1"],
    ["docker", "hello docker", "hello docker"],
    ["wilma", "hello wilmas", "hello wilmas"],
    ["jane quist", "hello Jane+Quist", "hello <user>"],
    ["wil", "hello wil", "hello wil"],
    ["wilm", "hello wilm", "hello <user>"],
    ["wilma", "wilma", "<user>"],
    ["wilma", "-wilma@box", "-<user>@box"],
  ])("for the user %j turns %j into %j", (user, text, left) => {
    expect(make(`/home/${user}`, user).text(text)).toBe(left);
  });

  it("leaves a name that was chosen for a process", () => {
    expect(redactor.attributes({ "service.name": "jane.quist", other: "jane.quist" })).toEqual({
      "service.name": "jane.quist",
      other: "<user>",
    });
  });
});

describe("bounds", () => {
  const listed = (count: number): unknown[] => Array.from({ length: count }, () => 1);

  it("keep five thousand members of a value, and no more", () => {
    for (const count of [4_999, 5_000])
      expect(redactor.value(listed(count))).toEqual(listed(count));
    expect(redactor.value(listed(5_001))).toEqual([...listed(5_000), "<more>"]);
    const record = (count: number): object => Object.fromEntries(Object.entries(listed(count)));
    expect(redactor.value(record(5_000))).toEqual(record(5_000));
    expect(redactor.value(record(5_002))).toEqual({ ...record(5_000), "<more>": true });
  });

  it("keep a text of the maximum length, and cut a longer one between characters", () => {
    const short = make("/home/jane.quist", "jane.quist", { maxValueLength: 16 });
    expect(short.text("x".repeat(16))).toBe("x".repeat(16));
    expect(short.text("x".repeat(17))).toBe(`${"x".repeat(16)}<cut>`);
    for (const character of ["\u{10000}", "\u{10ffff}", "\u{1f600}"])
      expect(short.text("x".repeat(15) + character)).toBe(`${"x".repeat(15)}<cut>`);
    for (const character of ["\ud7ff", "\ue000"])
      expect(short.text(`${"x".repeat(15)}${character}x`)).toBe(
        `${"x".repeat(15)}${character}<cut>`,
      );
  });

  it.each([15, Number.NaN, "8", null])("use the default for the maximum length %j", (length) => {
    const own = make("/home/jane.quist", "jane.quist", { maxValueLength: length });
    expect(own.text("x".repeat(8_193))).toBe(`${"x".repeat(8_192)}<cut>`);
  });

  it("cut a text after find number 512", () => {
    expect(redactor.text("/etc/a ".repeat(512))).toBe(`${"<path> ".repeat(512).slice(0, -1)}<cut>`);
    expect(redactor.text("/etc/a ".repeat(511))).toBe("<path> ".repeat(511));
  });

  it("let a text of 4,096 characters be trusted, but no longer one", () => {
    const texts = [4_096, 4_097].map((length) => "/etc/a ".repeat(600).slice(0, length - 1) + "b");
    texts.forEach((text) => trusted(text));
    expect(texts.map((text) => redactor.text(text) === text)).toEqual([true, false]);
  });

  it("keep a trusted text for longer if it is trusted again", () => {
    trusted("/etc/first");
    for (let count = 0; count < 999; count++) trusted(`/etc/${count}`);
    trusted("/etc/first");
    trusted("/etc/another");
    expect(redactor.text("/etc/first")).toBe("/etc/first");
  });

  it.each([
    [{ name: "a", prefix: "zq", length: 8 }, true],
    [{ name: "a", prefix: "z", length: 8 }, false],
    [{ name: "a", prefix: "zq", length: 7 }, false],
    [{ name: "a", prefix: "zq", length: 8.5 }, false],
    [{ name: 7, prefix: "zq", length: 8 }, false],
    [{ name: "a", prefix: 7, length: 8 }, false],
    [{ name: "a", prefix: "zq b", length: 8 }, false],
  ])("decide whether the token form %j is usable: %j", (token, isUsable) => {
    const own = make("/home/jane.quist", "jane.quist", { tokens: [token] });
    expect(own.text("x zqa1b2c3d4")).toBe(isUsable ? "x <token>" : "x zqa1b2c3d4");
  });

  it("accept seconds and nanoseconds of a time up to what collectors keep", () => {
    const most: [number, number] = [9_223_372_030, 0xffff_ffff];
    expect([timeOf([0, 0], most), timeOf(most, [0, 0])]).toEqual([[0, 0], most]);
    for (const time of [
      [most[0] + 1, 0],
      [0, most[1] + 1],
      [-1, 0],
      [0, -1],
    ] as [number, number][])
      expect(timeOf(time, [7, 7])).toEqual([7, 7]);
  });
});

describe("values under keys", () => {
  it("that are objects or strings are redacted by the key's name, unless they are empty", () => {
    expect(
      redactor.value({ a: { password: { deep: 1 } }, password: "", secret: "tulip", token: "x" }),
    ).toEqual({ a: { password: "<redacted>" }, password: "", secret: "<secret>", token: "x" });
  });

  it("that are allowed pass with all their contents, while those after them do not", () => {
    const own = make("/home/jane.quist", "jane.quist", { allowKeys: ["bundle"] });
    expect(own.value({ bundle: { a: "/etc/a" }, other: ["/etc/b"], bundles: "/etc/c" })).toEqual({
      bundle: { a: "/etc/a" },
      other: ["<path>"],
      bundles: "<path>",
    });
  });

  it("are named by a sibling only in a pair of keys for that, such as name and value", () => {
    expect(
      redactor.value([
        { name: "password", value: "tulip" },
        { name: "password", other: "tulip" },
        { label: "password", value: "tulip" },
      ]),
    ).toEqual([
      { name: "password", value: "<secret>" },
      { name: "password", other: "tulip" },
      { label: "password", value: "tulip" },
    ]);
  });
});

it("a secret is found however each of its characters is encoded", () => {
  const encoders: readonly ((character: string) => string)[] = [
    (character) => character,
    (character) => `%${hex(character, 2)}`,
    (character) => `%${hex(character, 2).toUpperCase()}`,
    (character) => `\\x${hex(character, 2)}`,
    (character) => `\\u${hex(character, 4)}`,
    (character) => `%25${hex(character, 2)}`,
  ];
  const encoder = fc.constantFrom(...encoders);
  fc.assert(
    fc.property(fc.array(encoder, { minLength: 24, maxLength: 24 }), (chosen) => {
      const text = Array.from("~ password=tulip42garden ~~")
        .map((character, at) => (at > 1 && at < 24 ? chosen[at] : encoders[0])?.(character))
        .join("");
      expect(redactor.explain(text).map(({ rule }) => rule)).toEqual(["name.password"]);
      const [find] = redactor.explain(text);
      const secret = Array.from("tulip42garden", (character, at) =>
        chosen[at + 11]?.(character),
      ).join("");
      expect(text.slice(find?.start, find?.end)).toBe(secret);
    }),
    { numRuns: 500 },
  );
});

function hex(character: string, digits: number): string {
  return character.charCodeAt(0).toString(16).padStart(digits, "0");
}
