import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createRedactor } from "../../lib/redaction/createRedactor.js";
import { COMMANDS } from "../../lib/redaction/tables/forms.js";
import { NAMES, Strength } from "../../lib/redaction/tables/names.js";
import { labelOf, rulesTable } from "../../lib/redaction/tables/rules.js";
import { TOKENS } from "../../lib/redaction/tables/tokens.js";
import { drawForm, randomOf } from "./corpus/random.js";

const machine = { home: "/home/jane.quist", user: "jane.quist" };
const redactor = createRedactor({ applicationRoot: "/opt/land/cocoon" }, machine);

/** A text, and the rules that find something in it; each new rule needs a row. */
const EXPLAINED: readonly (readonly [text: string, ...rules: string[]])[] = [
  ["open /home/jane.quist/a", "path.home"],
  ["/opt/land/cocoon/a.js", "path.application"],
  ["/etc/hosts", "path.root"],
  ["C:\\work\\a.ts", "path.drive"],
  ["\\\\server\\share\\a", "path.share"],
  ["\\\\.\\pipe\\a", "path.device"],
  ["file://server/share/a", "path.url"],
  ["$HOME/a", "path.variable"],
  ["/acme/orchid/a.ts", "path.other"],
  ["hello jane.quist", "user"],
  ["mail anna@example.com", "email"],
  ["https://a:b@example.com/?c=d", "url.credentials", "url.query"],
  ["https://example.com/#a=b", "url.fragment"],
  ["https://hooks.zapier.com/hooks/catch/1/abc", "url.webhook"],
  ["-----BEGIN PRIVATE KEY-----\nabc", "private-key"],
  ["data:a/b;base64,YWJj", "data"],
  ["Bearer abc123def456", "authorization"],
  ["curl -u anna:tulip", "command.user"],
  ["login anna password tulip", "command.netrc"],
  ["%70assword=tulip&a=jane.quist", "name.password", "user"],
];

describe("rules", () => {
  it.each(EXPLAINED)("report their finds in %j by name, unless kept", (text, ...rules) => {
    expect(redactor.explain(text).map(({ rule }) => rule)).toEqual(rules);
    for (const rule of rules)
      expect(
        createRedactor({ keep: [rule] }, machine)
          .explain(text)
          .map((find) => find.rule),
      ).not.toContain(rule);
  });

  it.each(
    TOKENS.flatMap(([name, beginnings, rest, length]) =>
      length === undefined
        ? []
        : beginnings.split(" ").map((beginning) => [name, beginning, rest, length] as const),
    ),
  )(
    "find a token of %s that begins with %j by its form, but not if it is too short",
    (name, beginning, rest, length) => {
      const random = randomOf(name);
      const least = Number.parseInt(length, 10);
      const letter = rest.includes("a-f") ? "b" : /[^-\]]a-z|\\w/.test(`x${rest}`) ? "q" : "Q";
      const value = Array.from({ length: least }, (_, at) =>
        at % 3 === 0 ? letter : drawForm("{D1}", random),
      ).join("");
      expect(redactor.text(`x ${beginning}${value} y`)).toBe("x <token> y");
      expect(redactor.explain(`x ${beginning}${value}`).map(({ rule }) => rule)).toEqual([
        `token.${name}`,
      ]);
      const short = `x ${beginning}${value.slice(1)}`;
      expect(redactor.explain(short).map(({ rule }) => rule)).not.toContain(`token.${name}`);
      if (length.endsWith("+")) return;
      for (const text of [`${short}a1`, `a${short.slice(2)}1`, `/${short.slice(2)}1`])
        expect(redactor.explain(text).map(({ rule }) => rule)).not.toContain(`token.${name}`);
    },
  );

  it("for names, tokens and commands have labels, and no name twice", () => {
    expect(
      [
        ...TOKENS.map(([name]) => `token.${name}`),
        "name.password",
        ...COMMANDS.map(([name]) => `command.${name}`),
      ].map(labelOf),
    ).not.toContain("<redacted>");
    const names = NAMES.flatMap(([, list]) => list.split(" ")).filter(
      (name) => name !== "key" && name !== "id",
    );
    expect(new Set(names).size).toBe(names.length);
    const tokens = TOKENS.map(([name]) => name);
    expect(new Set(tokens).size).toBe(tokens.length);
  });

  it.each(
    NAMES.filter(([strength]) => strength <= Strength.Header).flatMap(([, list]) =>
      list.split(" "),
    ),
  )("treat a value of %s as a secret, both in text and under a key", (name) => {
    const text = redactor.text(`${name}=tulip42`);
    expect([text, redactor.value({ [name]: "tulip42" })]).toEqual([
      `${name}=<secret>`,
      { [name]: "<secret>" },
    ]);
  });

  it("can be added by the host, for names and tokens", () => {
    const own = createRedactor(
      { secretNames: ["crew_code"], tokens: [{ name: "land", prefix: "lnd_", length: 12 }] },
      machine,
    );
    expect(own.text("LAND_CREW_CODE=tulip crewCode: 'tulip' lnd_a1b2c3d4e5f6 lnd_a1b2")).toBe(
      "LAND_CREW_CODE=<secret> crewCode: '<secret>' <token> lnd_a1b2",
    );
    expect(own.value({ crewCode: "tulip" })).toEqual({ crewCode: "<secret>" });
    expect(own.counts()).toEqual({ "name.crewcode": 3, "token.land": 1 });
  });

  it("named in the option keep remove nothing, not even under a key", () => {
    const own = createRedactor({ keep: ["name.password", "email"] }, machine);
    // Every form in which a name marks its value as secret.
    const secret = "hunter2secret";
    for (const value of [
      { password: secret },
      { password: { inner: secret } },
      ["password", secret],
      { name: "password", value: secret },
      { headers: [["password", secret]] },
      [`password=${secret}`],
    ]) {
      expect(own.value(value)).toEqual(value);
      expect(JSON.stringify(createRedactor({}, machine).value(value))).not.toContain(secret);
    }
    expect(own.value({ password: "tulip", mail: "anna@example.com", secret: "tulip" })).toEqual({
      password: "tulip",
      mail: "anna@example.com",
      secret: "<secret>",
    });
  });

  it("of the wrong type are ignored", () => {
    const odd = {
      tokens: [{ name: "x", prefix: "", length: 1 }, 7, null],
      secretNames: [7],
      keep: "email",
    } as unknown as object;
    expect(createRedactor(odd, machine).text("anna@example.com")).toBe("<email>");
  });

  it("are those listed on the page on privacy", () => {
    const page = readFileSync(join(__dirname, "../../docs/privacy.md"), "utf8");
    expect(page).toContain(rulesTable());
  });
});
