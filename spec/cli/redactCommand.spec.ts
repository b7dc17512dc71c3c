import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./terminal.js";

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "land-redact-"))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const ENVIRONMENT = { HOME: "/home/jane.quist", USER: "jane.quist" };
/** A string, what is left of it, and the rule that `--explain` names. */
const SAMPLES: readonly (readonly [text: string, left: string, rule: string])[] = [
  [`open ${homedir()}/plan.ts`, "open <home>/<path>", "path.home"],
  ["hello jane.quist", "hello <user>", "user"],
  ["mail anna@example.com", "mail <email>", "email"],
  ["https://anna:tulip@example.com", "https://<credentials>@example.com", "url.credentials"],
  ["https://example.com/?a=b", "https://example.com/?<query>", "url.query"],
  ["DB_PASSWORD=tulip", "DB_PASSWORD=<secret>", "name.password"],
  ["docker login -u a -p tulip", "docker login -u a -p <secret>", "command.docker-login"],
  [`ghp_${"a1B2".repeat(9)}`, "<token>", "token.github"],
  ["Bearer abc123def456", "Bearer <token>", "authorization"],
  ["{%22password%22:%22tulip%22}", "{%22password%22:%22<secret>%22}", "name.password"],
];

describe("redact", () => {
  it.each(SAMPLES)("shows what is left of %j, and why", async (text, left, rule) => {
    writeFileSync(join(directory, "log.txt"), `first line\n${text}\n`);
    const surroundings = { directory, environment: ENVIRONMENT };
    expect(await run(["redact", "log.txt"], surroundings)).toMatchObject({
      code: 0,
      out: `first line\n${left}\n`,
    });
    const { out } = await run(["redact", "log.txt", "--explain"], surroundings);
    expect(out).toMatch(
      new RegExp(`^2:\\d+  ${rule.replace(".", "\\.")}  "[^]+" → <\\w+>[^\n]*\n$`),
    );
    const json = await run(["redact", "log.txt", "--explain", "--json"], surroundings);
    expect(JSON.parse(json.out)).toMatchObject({
      text: `first line\n${left}\n`,
      finds: [{ line: 2, rule, value: expect.any(String), label: expect.stringMatching(/^<.*>$/) }],
    });
  });

  it("prints a file whole, however long it is and however much is found in it", async () => {
    writeFileSync(join(directory, "long.txt"), "/etc/hosts\n".repeat(3_000));
    const { out } = await run(["redact", "long.txt"], { directory, environment: ENVIRONMENT });
    expect(out).toBe("<path>\n".repeat(3_000));
  });

  it("reads standard input, and prints the rules as a table", async () => {
    const cli = join(__dirname, "../../dist/node/cli.cjs");
    const ran = spawnSync(process.execPath, [cli, "redact"], { input: "mail anna@example.com" });
    expect([ran.status, String(ran.stdout), String(ran.stderr)]).toEqual([0, "mail <email>", ""]);
    expect((await run(["redact", "--rules"])).out).toMatch(/^\| rule \|[^]*`email`/);
  });

  it("refuses two files, and reports one that is missing", async () => {
    expect(await run(["redact", "a", "b"])).toMatchObject({ code: 2 });
    expect(await run(["redact", "missing.txt"], { directory })).toMatchObject({
      code: 1,
      err: expect.stringContaining("ENOENT"),
    });
  });
});
