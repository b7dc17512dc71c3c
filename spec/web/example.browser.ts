import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launch } from "../inspector/page/browser.js";
import { ROOT } from "../support/runApp.js";

it("examples/webview: one trace begins with a click in Chromium and ends in Cocoon and Air", async () => {
  const home = mkdtempSync(join(tmpdir(), "land-webview-"));
  const child = spawn(process.execPath, ["examples/webview/main.mjs"], {
    cwd: ROOT,
    env: { PATH: process.env["PATH"], HOME: home },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  let complaints = "";
  const url = await new Promise<string>((resolve) => {
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      const [, found] = /^Open (\S+) and click/m.exec(text) ?? [];
      if (found === undefined) complaints += text;
      else resolve(found);
    });
    void exited.then(() => resolve(""));
  });
  const browser = await launch();
  const errors: string[] = [];
  try {
    const page = await browser.newPage();
    page.on("console", (message) => errors.push(message.text()));
    page.on("pageerror", (error) => errors.push(String(error)));
    await page.goto(url);
    await page.click("button");
    expect([await exited, complaints]).toEqual([0, ""]);
  } finally {
    await browser.close();
    child.kill();
    rmSync(home, { recursive: true });
  }
  // The page asks for an icon, and the example has none.
  expect(errors.filter((text) => !text.includes("404"))).toEqual([]);
  expect(printed).toMatch(/^One click: \d+ spans of 4 tiers, 0 orphans$/m);
  expect(printed).toMatch(/^land:cocoon:error .*ENOENT/m);
});
