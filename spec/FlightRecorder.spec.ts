import { EventEmitter } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readConfiguration } from "../lib/config/readConfiguration.js";
import type { TelemetryOptions } from "../lib/config/TelemetryOptions.js";
import { clearSpool } from "../lib/delivery/disk/spoolPaths.js";
import { FlightRecorder } from "../lib/FlightRecorder.js";
import type { EventContext } from "../lib/posthog/PostHogEvent.js";
import { createRedactor } from "../lib/redaction/createRedactor.js";
import { until } from "./delivery/support/makeQueue.js";
import { temporaryFolder } from "./support/temporaryFolder.js";

let root: string;
beforeEach(() => (root = temporaryFolder("land-recorder-")));

function make(options: Partial<TelemetryOptions> = {}): FlightRecorder | undefined {
  const configuration = readConfiguration({
    tier: "cocoon",
    posthog: { key: "phc_x", enabled: true, distinctId: "land-dev-jane" },
    spool: { directory: root },
    ...options,
  });
  const redactor = createRedactor({}, {});
  const sessionId = "0194b2e8-7c3c-7b6e-8a0e-1f2d3c4b5a69";
  const pipe = { send: () => undefined } as unknown as EventContext["pipe"];
  const events: EventContext = { configuration, redactor, pipe, sessionId };
  return FlightRecorder.of({ configuration, redactor, otlp: undefined, events, sessionId });
}
const files = (): string[] =>
  existsSync(root)
    ? readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => /\.run$/.test(name))
    : [];
const content = (): string =>
  files()
    .map((name) => readFileSync(join(root, name), "utf8"))
    .join("");

describe("a flight recorder", () => {
  it.each([
    ["the option turns it off", { recorder: false }],
    ["there is no spool", { spool: false as const }],
  ])("is not created if %s", (_, options) => {
    expect(make(options)).toBeUndefined();
    expect(files()).toEqual([]);
  });

  it("writes a file for the run soon after it begins, then records its launch and last words there", async () => {
    const recorder = make();
    recorder?.begin();
    expect(files()).toEqual([]);
    await until(() => files().length > 0);
    expect(content()).toMatch(/^\{"start":\{"v":1,"owner":\{"pid":\d+/);
    recorder?.markLaunched();
    recorder?.markLaunched();
    expect(content().match(/"launched":true/g)).toHaveLength(1);
    recorder?.onUncaught("TypeError");
    recorder?.onExit();
    recorder?.close();
    const [, , uncaught, exit] = content().trim().split("\n");
    expect(uncaught).toMatch(/"how":"uncaught","final":false,"error":"TypeError"/);
    expect(exit).toMatch(/"how":"uncaught","final":true/);
  });

  it.each<[Required<TelemetryOptions>["processHooks"], boolean]>([
    [true, true],
    [{ beforeExit: false }, true],
    [{ signals: ["SIGHUP", "SIGTERM", "SIGUSR2", "SIGINT"] }, true],
    [false, false],
    [{ exit: false }, false],
    [{ uncaught: false }, false],
    [{ signals: false }, false],
    [{ signals: ["SIGTERM", "SIGINT"] }, false],
  ])("with the hooks %j, treats silence as evidence: %s", (processHooks, sees) => {
    expect(make({ processHooks })?.start.sees).toBe(sees);
  });

  it("leaves no file for a process that ends before it is written, unless an error ends it", () => {
    const [quick, failed] = [make(), make()];
    for (const recorder of [quick, failed]) recorder?.begin();
    quick?.markLaunched();
    quick?.onExit();
    quick?.close();
    expect(files()).toEqual([]);
    failed?.markLaunched();
    failed?.onUncaught("TypeError");
    failed?.close();
    expect(content()).toMatch(/"launched":true[^]*"how":"uncaught"/);
  });

  it("has its file deleted with the spool when its pipe is opted out of", async () => {
    const recorder = make();
    recorder?.begin();
    await until(() => files().length === 1);
    recorder?.close();
    expect(clearSpool(root, "posthog")).toBe(1);
    expect(files()).toEqual([]);
  });

  it("finds no last run at first", () => {
    const recorder = make();
    expect(recorder?.lastRun).toBeUndefined();
    recorder?.close();
  });

  it("writes how a child ended before the host's own listener runs, which may exit the process", async () => {
    const recorder = make();
    recorder?.begin();
    await until(() => files().length === 1);
    const child = Object.assign(new EventEmitter(), { pid: process.pid });
    recorder?.watchChild(child, { expected: true });
    await recorder?.load();
    let seen = "";
    child.once("exit", () => (seen = content()));
    child.emit("exit", null, "SIGKILL");
    expect(seen).toMatch(/"witness":\{"signal":"SIGKILL","expected":true/);
    recorder?.close();
  });

  it("survives a child that could not start or has no process, and writes nothing about it", async () => {
    const recorder = make();
    const child = new EventEmitter() as EventEmitter & { pid?: number };
    recorder?.watchChild(child);
    child.pid = 4_194_303;
    recorder?.watchChild(child, {
      expected: () => {
        throw new Error("the host's");
      },
    });
    child.emit("exit", 1, null);
    await recorder?.load();
    recorder?.close();
    expect(files()).toEqual([]);
  });
});
