import { COMMANDS } from "./forms.js";
import { NAMES, Strength } from "./names.js";
import { TOKENS } from "./tokens.js";

/** What each rule finds and the label that replaces it; a rule in a group is called `<group>.<name>`. */
const RULES: readonly (readonly [name: string, label: string, what: string])[] = [
  [
    "path.home",
    "<home>",
    "a home directory, also as `~` or `~name`; with a path below it, `<home>/<path>`",
  ],
  [
    "path.application",
    "<app>",
    "the application's directory; a path below it is kept: `<app>/dist/main.js`",
  ],
  ["path.root", "<path>", "a path that begins at a well-known root: `/etc/hosts`, `\\Users\\anna`"],
  ["path.drive", "<path>", "a path on a drive: `C:\\work`, `/c:/work`"],
  ["path.share", "<path>", "a path on another machine: `\\\\server\\share`, `//wsl$/…`"],
  ["path.device", "<path>", "a path to a device or pipe: `\\\\.\\pipe\\…`"],
  ["path.url", "<path>", "the path of a `file:`, `vscode-remote:` or `sqlite:` address"],
  ["path.variable", "<path>", "a path below `$HOME`, `%APPDATA%` or a similar variable"],
  ["path.other", "<path>", "any other path of two segments or more that is not a route"],
  [
    "user",
    "<user>",
    "the user's name; one that is short or a common word only in a path or an address",
  ],
  ["email", "<email>", "an e-mail address"],
  ["url.credentials", "<credentials>", "user and password in a URL"],
  ["url.query", "<query>", "the query of a URL or path"],
  ["url.fragment", "<query>", "a fragment that holds parameters"],
  ["url.webhook", "<token>", "the path of a webhook, which is its secret"],
  ["private-key", "<private-key>", "a private key in PEM or PuTTY's form"],
  ["data", "<data>", "the content of a base64 `data:` URL"],
  ["authorization", "<token>", "what follows `Bearer` or `Basic`"],
  ["token", "<token>", "a token by its published form"],
  ["name", "<secret>", "the value of a name"],
  ["command", "<secret>", "what follows a command, a flag or a statement"],
  ["key.denied", "<redacted>", "the value of a key in `denyKeys`"],
  ["key.query", "<query>", "the value of a key such as `url.query`"],
];

const LABELS = new Map(RULES.map(([name, label]) => [name, label]));

/** The label that replaces what a rule found. */
export function labelOf(rule: string): string {
  return LABELS.get(rule) ?? LABELS.get(rule.slice(0, rule.indexOf("."))) ?? "<redacted>";
}

const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  token: TOKENS.map(([name]) => name),
  command: [...new Set(["user", ...COMMANDS.map(([name]) => name)])],
};
const STRENGTHS: readonly (readonly [strength: Strength, what: string])[] = [
  [Strength.Strong, "whatever it is"],
  [Strength.Header, "to the end of its line"],
  [Strength.Weak, "when it has eight characters, letters and digits"],
  [Strength.Faint, "after further words, when it looks random"],
];

/** The rules as a Markdown table, the one in docs/privacy.md. */
export function rulesTable(): string {
  const rows = RULES.flatMap(([name, label, what]) => {
    if (name === "name")
      return STRENGTHS.map(([strength, when]) => {
        const names = NAMES.filter(([own]) => own === strength).map(([, list]) => list);
        return ["name.…", `${what}, ${when}: ${names.join(" ").split(" ").join(", ")}`, label];
      });
    const members = MEMBERS[name];
    return members === undefined
      ? [[name, what, label]]
      : [[`${name}.…`, `${what}: ${members.join(", ")}`, label]];
  });
  const lines = rows.map(
    ([name = "", what = "", label = ""]) => `| \`${name}\` | ${what} | \`${label}\` |`,
  );
  return ["| rule | found | replaced by |", "| --- | --- | --- |", ...lines].join("\n");
}
