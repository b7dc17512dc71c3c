import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Inspector } from "../../lib/inspector/server/startInspector.js";
import { startInspector } from "../../lib/inspector/server/startInspector.js";
import { ROOT } from "../support/runApp.js";
import { runTiers, tierEnvironment } from "./runTiers.js";
import type { SeededBug } from "./seeding/bugs.js";
import { SEEDED_BUGS } from "./seeding/bugs.js";

const SEED = pathToFileURL(join(ROOT, "spec/inspector/seeding/seed.mjs"));
const CLI = join(ROOT, "dist/node/cli.cjs");

interface Item {
  readonly name: string;
  readonly tier?: string;
}

/** The items of every list in an answer, however deeply the list is nested. */
function itemsOf(answer: unknown): readonly Item[] {
  if (typeof answer !== "object" || answer === null) return [];
  const { items } = answer as { readonly items?: readonly Item[] };
  return [...(items ?? []), ...Object.values(answer).flatMap(itemsOf)];
}

describe("a bug in the tiers example, found by an agent's tools alone:", () => {
  let home: string;
  let inspector: Inspector;
  let client: Client;
  let healthy: string;

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), "land-seeded-"));
    inspector = await startInspector({ agentToken: "a-token" });
    client = new Client({ name: "agent", version: "1" });
    const requestInit = { headers: { authorization: "Bearer a-token" } };
    const url = new URL(`${inspector.url}/mcp`);
    await client.connect(new StreamableHTTPClientTransport(url, { requestInit }));
    expect(await runTiers(inspector.url, home)).toBe(0);
    healthy = await newestSession();
  }, 60_000);

  afterAll(async () => {
    await client.close();
    await inspector.close();
    rmSync(home, { recursive: true, force: true });
  });

  async function ask(name: string, given: Readonly<Record<string, string>> = {}): Promise<unknown> {
    const { content } = await client.callTool({ name, arguments: given });
    return JSON.parse((content as readonly { readonly text: string }[])[0]?.text ?? "");
  }

  async function newestSession(): Promise<string> {
    const { items } = (await ask("list_traces")) as {
      readonly items: readonly { readonly sessionIds: readonly string[] }[];
    };
    return items[0]?.sessionIds[0] ?? "";
  }

  /** Runs the tiers with a bug, and sends what they left on disk too, as after any run. */
  async function runSeeded({ file, from, to }: SeededBug): Promise<string> {
    const bug = encodeURIComponent(JSON.stringify({ file, from, to }));
    await runTiers(inspector.url, home, ["--import", `${SEED.href}?${bug}`]);
    const env = tierEnvironment(inspector.url, home);
    await promisify(execFile)(process.execPath, [CLI, "spool", "send"], { env });
    return newestSession();
  }

  it.each(Object.entries(SEEDED_BUGS))(
    "%s",
    async (_name, bug) => {
      const [tool, given = {}] = bug.ask;
      const before = itemsOf(await ask("list_errors")).length;
      const seeded = await runSeeded(bug);
      const sessions: Readonly<Record<string, string>> = { healthy, seeded };
      const filled = Object.fromEntries(
        Object.entries(given).map(([key, value]) => [key, sessions[value] ?? value]),
      );
      const answer = itemsOf(await ask(tool, filled));
      // The newest errors come first; those of earlier runs follow.
      const newest = tool === "list_errors" ? answer.slice(0, answer.length - before) : answer;
      const named = newest.filter(
        (item) =>
          item.name === bug.span &&
          (item.tier ?? bug.tier) === bug.tier &&
          bug.cause.test(JSON.stringify(item)),
      );
      if (named.length === 0)
        throw new Error(`Not named: ${JSON.stringify(newest, undefined, 1).slice(0, 6_000)}`);
    },
    60_000,
  );

  it("is not reported if a healthy run is compared with itself", async () => {
    expect(await ask("compare_runs", { before: healthy, after: healthy })).toMatchObject({
      onlyBefore: { total: 0 },
      onlyAfter: { total: 0 },
      differences: { total: 0 },
    });
  });
});
