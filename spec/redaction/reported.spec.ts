import { createRedactor } from "../../lib/redaction/createRedactor.js";

const make = (user: string) =>
  createRedactor({ applicationRoot: "/opt/land/cocoon" }, { home: `/home/${user}`, user });
const redactor = make("jane.quist");

/** Secrets that users found in what was sent: the text, and the part that must not be left. */
const MISSED: readonly (readonly [text: string, secret: string])[] = [
  ["SMTP_PASS=tulip-garden", "tulip"],
  ["SECRET_KEY_BASE=4f3c2b1a0d9e8f7c6b5a", "4f3c"],
  ['{"password" => "tulip garden"}', "tulip"],
  ['password := "tulip"', "tulip"],
  ["<password>tulip</password>", "tulip"],
  ['<add key="ApiKey" value="tulip42"/>', "tulip"],
  ["Map(1) { 'password' => 'tulip' }", "tulip"],
  ["CREATE USER anna IDENTIFIED BY 'tulip'", "tulip"],
  ["curl -u bob:tulip https://x.example", "tulip"],
  ["machine x login bob password tulip", "tulip"],
  ["docker login -u bob -p tulip", "tulip"],
  ["AUTH PLAIN AGJvYgB0dWxpcDQy", "AGJvY"],
  ['Content-Disposition: form-data; name="password"\r\n\r\ntulip\r\n', "tulip"],
  ['password="a\\"tulip"', "tulip"],
  ["open '/home/pat/Bob's files/tulip.txt'", "tulip"],
  ["open /home/pat/Bob's files/tulip.txt", "tulip"],
  ['"/srv/a\\"tulip/x"', "tulip"],
  ["//server/share/tulip", "tulip"],
  ["\\\\server\\share\\tulip", "tulip"],
  ["/Users/$acme/tulip", "tulip"],
  ["\\Device\\HarddiskVolume3\\Users\\tulip", "tulip"],
  ...Array.from("([{<\"'`=:,;|&!>", (sign): [string, string] => [`at${sign}/srv/tulip/a`, "tulip"]),
];

/** Harmless texts that used to be redacted. */
const KEPT: readonly string[] = [
  "token = tokens[1];",
  "/@license/i",
  "if (/arm/i.test(user_agent)) osVersion = 'RT';",
  "if (/Function/.test(node.type)) {",
  "/^-?\\d/.test(n) && /^\\d\\d-[0-3]\\dt(?:[0-2]\\d:[0-5]\\d)$/i.exec(value)",
  "'[\\r\\n]'",
  "see [numbers](/docs/tricks.md#numbers) for more",
  "foo@2x.png",
  "user@1000.service",
  "pkg@1.2.3",
  "/users/42 not found",
  "import x from '/src/x'",
  "cache-key-0123456789abcdef0123456789abcdef.json",
  "tests pass: 12345678a",
  "use --token to pass one",
  "const secret = getSecret();",
  "password = options.password",
  'if (token === "string") return;',
  "5d41402abc4b2a76b9719d911017c592",
];

describe("what users reported", () => {
  it.each(MISSED)("is found if it is a secret: %j", (text, secret) => {
    expect(redactor.text(text)).not.toContain(secret);
  });

  it.each(KEPT)("is kept if it is harmless: %j", (text) => {
    expect(redactor.text(text)).toBe(text);
  });

  it("includes a Markdown link, whose query no longer takes the rest of the line with it", () => {
    expect(redactor.text("[a](https://x.example/a?b=c),[d](https://x.example) and more")).toBe(
      "[a](https://x.example/a?<query>),[d](https://x.example) and more",
    );
  });

  it.each([
    ["max", "Math.max(1, 2)"],
    ["max", "the max of both"],
    ["ann", "ann Ann"],
    ["filter", "list.filter(x)"],
    ["wilma", "flint.wilma()"],
  ])("includes a user called %s, whose name is kept as a program's word: %s", (user, text) => {
    expect(make(user).text(text)).toBe(text);
  });

  it.each([
    ["max", "see ../max/notes", "see ../<user>/notes"],
    ["max", "max@box", "<user>@box"],
    ["wilma", "hello wilma!", "hello <user>!"],
  ])("includes a user called %s, found where only a name can stand: %s", (user, text, expected) => {
    expect(make(user).text(text)).toBe(expected);
  });

  it("includes values named by the item before them, in lists, headers and entries", () => {
    expect(
      redactor.value({
        args: ["psql", "--password", "tulip", "-h", "db"],
        headers: ["Host", "x", "Authorization", "tulip42abc"],
        entries: [
          ["password", "tulip"],
          ["host", "db"],
        ],
        parameters: [
          { name: "password", value: "tulip" },
          { key: "host", value: "db" },
        ],
        environment: ["DB_PASSWORD=tulip", "HOST=db"],
        map: new Map([["password", "tulip"]]),
      }),
    ).toEqual({
      args: ["psql", "--password", "<secret>", "-h", "db"],
      headers: ["Host", "x", "Authorization", "<secret>"],
      entries: [
        ["password", "<secret>"],
        ["host", "db"],
      ],
      parameters: [
        { name: "password", value: "<secret>" },
        { key: "host", value: "db" },
      ],
      environment: ["DB_PASSWORD=<secret>", "HOST=db"],
      map: { password: "<secret>" },
    });
    expect(
      redactor.attributes({ "process.command_args": ["a", "--db-token", "tulip42abc"] }),
    ).toEqual({
      "process.command_args": ["a", "--db-token", "<secret>"],
    });
  });
});
