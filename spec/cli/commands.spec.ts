import fs, { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeliveryStats } from "../../lib/delivery/DeliveryStats.js";
import { DiskQueue } from "../../lib/delivery/disk/DiskQueue.js";
import { spoolDirectory } from "../../lib/delivery/disk/spoolPaths.js";
import type { Inspector } from "../../lib/inspector/server/startInspector.js";
import { startInspector } from "../../lib/inspector/server/startInspector.js";
import { otlpRequest, otlpSpan, postHogBatch, postHogEvent } from "../inspector/server/payloads.js";
import { request } from "../inspector/server/request.js";
import { run } from "./terminal.js";

const KEY = "phc_example";
let home: string;
beforeEach(() => (home = mkdtempSync(join(tmpdir(), "land-cli-"))));
afterEach(() => rmSync(home, { recursive: true, force: true }));

describe("the command line", () => {
  it("prints its commands and its version, and refuses an unknown command or option", async () => {
    expect(await run(["help"])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/inspect[^]*doctor[^]*spool/),
    });
    expect(await run(["--version"])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
    for (const name of ["nonsense", "toString", "__proto__"])
      expect(await run([name])).toMatchObject({
        code: 2,
        err: expect.stringContaining(`no command "${name}"`),
      });
    expect(await run(["spool", "--nonsense"])).toMatchObject({
      code: 2,
      err: expect.stringContaining("Usage: land-telemetry spool"),
    });
  });
});

describe("help", () => {
  it.each(["inspect", "doctor", "spool", "redact", "check-release"])(
    "of %s has a line on each option of its usage, with --help and with -h",
    async (name) => {
      const { code, out } = await run([name, "--help"]);
      const [usage = "", , summary, ...rest] = out.split("\n");
      expect(code).toBe(0);
      expect(usage).toMatch(new RegExp(`^land-telemetry ${name} `));
      expect(summary).toMatch(/\w/);
      const described = rest.join("\n");
      const options = usage.match(/--[a-z][a-z-]*/g) ?? [];
      expect(options.length).toBeGreaterThan(0);
      for (const option of options)
        expect(described).toMatch(new RegExp(`^ {2}${option}(?: \\S+)* {2,}\\w.*\\.$`, "m"));
      expect((await run([name, "-h"])).out).toBe(out);
    },
  );
});

describe("check-release", () => {
  it("exits with 0 for a clean release, with 1 and the place for another, with 2 without a directory", async () => {
    writeFileSync(join(home, "main.js"), "export const answer = 42;");
    expect(await run(["check-release", "."], { directory: home })).toMatchObject({
      code: 0,
      out: "No telemetry found in ..\n",
    });
    writeFileSync(join(home, "main.js"), 'fetch("http://127.0.0.1:4318/v1/traces")');
    expect(await run(["check-release", home])).toMatchObject({
      code: 1,
      out: expect.stringMatching(/main\.js: .*v1\/traces/),
    });
    expect(await run(["check-release"])).toMatchObject({ code: 2 });
  });
});

describe("spool", () => {
  const environment = (url: string): Record<string, string> => ({
    Capture: "1",
    Report: "1",
    Emit: "1",
    Authorize: KEY,
    Pipe: url,
    Beam: url,
    LAND_TELEMETRY_SPOOL: home,
  });

  function leave(pipe: "otlp" | "posthog", url: string, body: string, count: number): void {
    const spool = new DiskQueue(new DeliveryStats(), {
      directory: spoolDirectory(home, pipe, url, pipe === "posthog" ? KEY : ""),
    });
    spool.append([{ id: `${pipe}-${url}`, count, urgent: false, body }], false);
    spool.close();
  }

  let inspector: Inspector;
  beforeEach(async () => {
    inspector = await startInspector();
    leave("otlp", `${inspector.url}/v1/traces`, JSON.stringify(otlpRequest([otlpSpan()])), 1);
    leave("posthog", `${inspector.url}/batch/`, JSON.stringify(postHogEvent()), 1);
    leave(
      "otlp",
      "http://elsewhere.example/v1/traces",
      JSON.stringify(otlpRequest([otlpSpan()])),
      7,
    );
  });
  afterEach(() => inspector.close());

  it("lists what is waiting, and which of it is for the configured destination", async () => {
    const { out, code } = await run(["spool", "list", "--json"], {
      environment: environment(inspector.url),
    });
    expect(code).toBe(0);
    const { folders } = JSON.parse(out) as {
      folders: readonly {
        pipe: string;
        items: number;
        segments: number;
        destination: string | null;
      }[];
    };
    expect(
      folders
        .map(({ pipe, items, segments, destination }) => [pipe, items, segments, destination])
        .sort(),
    ).toEqual(
      [
        ["otlp", 1, 1, `${inspector.url}/v1/traces`],
        ["otlp", 7, 1, null],
        ["posthog", 1, 1, `${inspector.url}/batch/`],
      ].sort(),
    );
    expect((await run(["spool"], { environment: environment(inspector.url) })).out).toMatch(
      /^otlp: 7 spans, .* for another destination/m,
    );
  });

  it("closes every file that it opens", async () => {
    const opened = jest.spyOn(fs, "openSync");
    const closed = jest.spyOn(fs, "closeSync");
    await run(["spool"], { environment: environment(inspector.url) });
    const files = opened.mock.results.map(({ value }) => value as unknown);
    const ended = closed.mock.calls.map(([file]) => file);
    jest.restoreAllMocks();
    expect(files.length).toBeGreaterThan(2);
    // Numbers are used again, so each has to be closed as often as it was opened.
    expect(ended.sort()).toEqual(files.sort());
  });

  it("says how many files a living process still writes", async () => {
    const directory = spoolDirectory(home, "otlp", `${inspector.url}/v1/traces`);
    const living = new DiskQueue(new DeliveryStats(), { directory });
    living.append([{ id: "mine", count: 2, urgent: false, body: "{}" }], false);
    const inUse = async (): Promise<readonly string[]> => {
      const { out } = await run(["spool"], { environment: environment(inspector.url) });
      return out.split("\n").filter((line) => line.includes("in use"));
    };
    expect(await inUse()).toEqual([
      expect.stringMatching(/^otlp: 3 spans, .*; 1 files in use by living processes$/),
    ]);
    living.close();
    expect(await inUse()).toEqual([]);
  });

  it("sends what is for the configured destinations and leaves the rest", async () => {
    const { out, code } = await run(["spool", "send"], { environment: environment(inspector.url) });
    expect([code, out]).toEqual([
      0,
      "otlp: 1 delivered, 0 dropped, 0 left\nposthog: 1 delivered, 0 dropped, 0 left\n",
    ]);
    expect(inspector.counts()).toMatchObject({ spans: 1, events: 1 });
    expect((await run(["spool", "list"], { environment: environment(inspector.url) })).out).toMatch(
      /7 spans/,
    );
  });

  it("sends nothing for a pipe that is off, and says so", async () => {
    const { out, code } = await run(["spool", "send"], {
      environment: { ...environment(inspector.url), Capture: "false" },
    });
    expect([code, out]).toEqual([
      3,
      "otlp is off: Capture turns it off; nothing is sent.\nposthog is off: Capture turns it off; nothing is sent.\n",
    ]);
    expect(inspector.counts().requests).toBe(0);
  });

  it("keeps what a dead endpoint does not accept, and exits with 1", async () => {
    await inspector.close();
    const { out, code } = await run(["spool", "send", "--pipe", "otlp", "--timeout", "2000"], {
      environment: environment(inspector.url),
    });
    expect([code, out]).toEqual([1, "otlp: 0 delivered, 0 dropped, 1 left\n"]);
    expect((await run(["spool", "list"], { environment: environment(inspector.url) })).out).toMatch(
      /1 span, /,
    );
  });

  it("clears one pipe or both", async () => {
    expect(
      (
        await run(["spool", "clear", "--pipe", "posthog"], {
          environment: environment(inspector.url),
        })
      ).out,
    ).toBe("posthog: 1 files deleted\n");
    expect((await run(["spool", "clear"], { environment: environment(inspector.url) })).out).toBe(
      "otlp: 2 files deleted\nposthog: 0 files deleted\n",
    );
    expect((await run(["spool"], { environment: environment(inspector.url) })).out).toContain(
      "Nothing waits.",
    );
  });

  it.each([
    [["spool", "burn"]],
    [["spool", "list", "send"]],
    [["spool", "--pipe", "smoke"]],
    [["spool", "--timeout", "soon"]],
    [["spool", "--timeout", "0"]],
    [["spool", "--timeout", "0.5"]],
  ])("refuses %j", async (args) => {
    expect((await run(args, { environment: environment(inspector.url) })).code).toBe(2);
  });

  it("accepts the smallest number that it says is accepted", async () => {
    const { err } = await run(["spool", "--timeout", "0"]);
    const least = /a whole number from (\d+) to/.exec(err)?.[1] ?? "";
    const { code } = await run(["spool", "--timeout", least], {
      environment: environment(inspector.url),
    });
    expect([least, code]).toEqual(["1", 0]);
  });
});

describe("inspect", () => {
  it("gives an agent an address and a new token that let it in, but only with --mcp", async () => {
    interface Server {
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
    }
    const list = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" });
    /** The token that a running inspector prints for an agent, and the status it then answers with. */
    const inspect = async (...options: readonly string[]): Promise<readonly unknown[]> => {
      let interrupt = (): void => undefined;
      let token: string | undefined;
      let status: number | undefined;
      const connect = async (told: string): Promise<void> => {
        const { url, headers } = JSON.parse(told) as Server;
        token = headers["Authorization"];
        status = (
          await fetch(url, {
            method: "POST",
            headers: { ...headers, "content-type": "application/json" },
            body: list,
          })
        ).status;
      };
      let told: string | undefined;
      await run(["inspect", "--port", "0", ...options], {
        untilInterrupted: () => new Promise((resolve) => (interrupt = resolve)),
        onErr: (text) => (told = /^An agent's MCP server: (.*)$/m.exec(text)?.[1]),
        onOut: () =>
          void (told === undefined ? Promise.resolve() : connect(told)).finally(interrupt),
      });
      return [token, status];
    };
    const asked = [await inspect("--mcp"), await inspect("--mcp")];
    const letIn = [expect.stringMatching(/^Bearer [0-9a-f]{32}$/), 200];
    expect(asked).toEqual([letIn, letIn]);
    expect(asked[0]).not.toEqual(asked[1]);
    expect(await inspect()).toEqual([undefined, undefined]);
  });

  it("serves the recordings it was given until it is interrupted", async () => {
    const lines = [
      {
        time: "2026-01-01T00:00:00Z",
        pipe: "otlp",
        pid: 1,
        body: JSON.stringify(otlpRequest([otlpSpan()])),
      },
      {
        time: "2026-01-01T00:00:00Z",
        pipe: "posthog",
        pid: 1,
        body: JSON.stringify(postHogBatch([postHogEvent()])),
      },
    ];
    writeFileSync(
      join(home, "recording.ndjson"),
      `${lines.map((line) => JSON.stringify(line)).join("\n")}\nnonsense\n`,
    );
    let interrupt = (): void => undefined;
    let traces: unknown;
    const { code, out } = await run(["inspect", "--port", "0", "recording.ndjson"], {
      directory: home,
      untilInterrupted: () => new Promise((resolve) => (interrupt = resolve)),
      onOut: (text) => {
        const url = /at (http:\S+)/.exec(text)?.[1];
        if (url !== undefined)
          void request(`${url}/api/traces`)
            .then(({ json }) => (traces = json))
            .then(interrupt);
      },
    });
    expect(code).toBe(0);
    expect(out).toContain("2 requests opened, 1 lines could not be read.");
    expect(traces).toMatchObject({ traces: [{ spanCount: 1, eventCount: 1 }] });
  });

  it("says that the port is taken and which option chooses another, and exits with 1", async () => {
    const other = await startInspector();
    const { code, err } = await run(["inspect", "--port", String(other.port)]);
    await other.close();
    const line = new RegExp(`port ${other.port} is taken.* choose another one with --port\\.`);
    expect([code, err]).toEqual([1, expect.stringMatching(line)]);
  });

  it("says that -- is missing if a program is given without it", async () => {
    const { code, err } = await run(["inspect", "--port", "0", "node", "app.mjs"], {
      directory: home,
    });
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(
        /no such file.*node.*\. To start a program, put -- before it: inspect -- /,
      ),
    ]);
    // This file exists, but is not a recording.
    writeFileSync(join(home, "app.mjs"), "process.exitCode = 7;\n");
    const { out } = await run(["inspect", "--port", "0", "app.mjs"], { directory: home });
    expect(out).toContain(
      "0 requests opened, 1 lines could not be read. To start a program, put --",
    );
  });

  it.each([
    [["--port", "many"]],
    [["--port", "65536"]],
    [["--port", "80.5"]],
    [["--host", "0.0.0.0"]],
  ])("refuses %j", async (args) => {
    expect((await run(["inspect", ...args])).code).toBe(2);
  });
});
