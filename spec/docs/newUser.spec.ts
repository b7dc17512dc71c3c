import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../support/runApp.js";

/** The guide for a first sidecar, followed by somebody who has an empty folder, the tarball and nothing else. */
describe("docs/sidecar.md, word for word", () => {
  const guide = readFileSync(join(ROOT, "docs/sidecar.md"), "utf8");
  let folder: string;
  let receiver: ChildProcess;
  let received = "";
  let url: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "land-new-user-"));
    execFileSync("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder], {
      cwd: ROOT,
    });
    const [install = ""] = /npm install <clone>.*/.exec(guide) ?? [];
    const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "";
    expect(install).toContain(tarball);
    const [, , , api = ""] = install.split(" ");
    execFileSync("npm", ["init", "-y"], { cwd: folder });
    execFileSync(
      "npm",
      [
        "install",
        "--silent",
        "--no-audit",
        "--no-fund",
        "--prefer-offline",
        join(folder, tarball),
        api,
      ],
      { cwd: folder },
    );
    mkdirSync(join(folder, "home"));
    for (const name of ["receiver", "sidecar"])
      writeFileSync(join(folder, `${name}.mjs`), block(`file: ${name}.mts`));
    writeFileSync(
      join(folder, "flush.mjs"),
      /```ts\n([^`]*flush\([^`]*)```/.exec(guide)?.[1] ?? "",
    );
  }, 300_000);

  afterEach(() => receiver.kill());
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("shows the traces and the error, loses nothing while the receiver is away, and sends it when it is back", async () => {
    await startReceiver();
    expect(await run("sidecar.mjs")).toEqual({ code: 0, stdout: block("prints: sidecar.mts") });
    await arrived("event land:cocoon:error");
    await arrived("span  land:cocoon:file:read");

    receiver.kill();
    await once(receiver, "exit");
    expect(await run("sidecar.mjs")).toEqual({ code: 0, stdout: block("prints: sidecar.mts") });

    await startReceiver(new URL(url).port);
    expect(await run("flush.mjs")).toEqual({ code: 0, stdout: "0 0\n" });
    await arrived("event land:cocoon:error");
  }, 60_000);

  /** The block after a comment that says this. */
  function block(comment: string): string {
    const from = guide.slice(guide.indexOf(`<!-- ${comment} -->`));
    return /```\w+\n([^]*?)```/.exec(from)?.[1] ?? "";
  }

  async function startReceiver(port = "0"): Promise<void> {
    received = "";
    receiver = spawn(process.execPath, ["receiver.mjs", port], {
      cwd: folder,
      stdio: ["ignore", "pipe", "inherit"],
    });
    receiver.stdout?.setEncoding("utf8").on("data", (text: string) => (received += text));
    url = (await arrived("receiver at ")).slice("receiver at ".length);
  }

  /** The whole line that begins so, once the receiver has printed it. */
  async function arrived(start: string): Promise<string> {
    for (;;) {
      const line = received
        .split("\n")
        .slice(0, -1)
        .find((text) => text.startsWith(start));
      if (line !== undefined) return line;
      await once(receiver.stdout ?? receiver, "data");
    }
  }

  async function run(
    program: string,
  ): Promise<{ readonly code: number | null; readonly stdout: string }> {
    const variables = Object.fromEntries(
      [...(/^Capture=.*$/m.exec(guide)?.[0] ?? "").matchAll(/(\w+)=(\S+)/g)].map(
        ([, name, value]) => [name, value],
      ),
    );
    const env = {
      PATH: process.env["PATH"],
      HOME: join(folder, "home"),
      ...variables,
      Beam: url,
      Pipe: url,
    };
    const child = spawn(process.execPath, [program], {
      cwd: folder,
      env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    const [code] = (await once(child, "close")) as [number | null];
    return { code, stdout };
  }
});
