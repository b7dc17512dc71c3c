import { existsSync } from "node:fs";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { chromium } from "playwright-core";

const PLACES = [
  process.env["CHROMIUM"],
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];

/** Starts the Chromium installed on this machine, or says how to get one. */
export async function launch(): Promise<Browser> {
  const executablePath = PLACES.find((path) => path !== undefined && existsSync(path));
  if (executablePath === undefined)
    throw new Error(
      "No Chromium was found: install Debian's `chromium` package, or name one by CHROMIUM.",
    );
  // A container has no user namespace for Chromium's sandbox, and only the page under test is loaded.
  return chromium.launch({ executablePath, args: ["--no-sandbox"] });
}

/** A page that records what must not happen: console messages, errors, requests to anywhere else. */
export interface WatchedPage {
  readonly page: Page;
  readonly complaints: string[];
}

export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 860 },
    colorScheme: "light",
    ...options,
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  page.on("request", (request) => {
    const to = request.url();
    if (!to.startsWith(`${url}/`) && !to.startsWith("data:") && !to.startsWith("blob:"))
      complaints.push(`request: ${to}`);
  });
  await page.goto(url);
  return { page, complaints };
}
