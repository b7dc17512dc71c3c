import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { examineSpool } from "../../lib/cli/doctor/examineDisk.js";
import type { Finding, Setting } from "../../lib/cli/doctor/report.js";
import { Findings } from "../../lib/cli/doctor/report.js";
import { mask, maskUrl } from "../../lib/cli/doctor/settings.js";
import type { SpoolFolder } from "../../lib/cli/spoolSummary.js";
import type { Configuration } from "../../lib/config/Configuration.js";
import { readConfiguration } from "../../lib/config/readConfiguration.js";
import { DeliveryStats } from "../../lib/delivery/DeliveryStats.js";
import { DiskQueue } from "../../lib/delivery/disk/DiskQueue.js";
import { spoolDirectory } from "../../lib/delivery/disk/spoolPaths.js";
import { Tier } from "../../lib/resource/Tier.js";
import { startInspector } from "../../lib/inspector/server/startInspector.js";
import { run } from "./terminal.js";

interface Report {
  readonly exitCode: number;
  readonly findings: readonly Finding[];
  readonly settings: readonly Setting[];
}

const KEY = "phc_0123456789abcdefghijklmnop";
const ON = { Capture: "true", Report: "true", Emit: "true", Authorize: KEY };
let home: string;
const closing: (() => unknown)[] = [];

beforeEach(() => (home = mkdtempSync(join(tmpdir(), "land-doctor-"))));
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  rmSync(home, { recursive: true, force: true });
});

async function examine(
  environment: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<Report> {
  const { out, code } = await run(["doctor", "--json", "--timeout", "2000", ...args], {
    environment: { LAND_TELEMETRY_SPOOL: join(home, "spool"), ...environment },
  });
  const report = JSON.parse(out) as Report;
  expect(report.exitCode).toBe(code);
  return report;
}

async function listen(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server: Server = createServer((request, response) => {
    request.resume();
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("doctor", () => {
  it("says that all is well, with the time each answer took, if both endpoints acknowledge", async () => {
    const inspector = await startInspector();
    closing.push(() => inspector.close());
    const { exitCode, findings } = await examine({
      ...ON,
      Pipe: inspector.url,
      Beam: inspector.url,
    });
    expect(exitCode).toBe(0);
    expect(findings.map(({ code, level }) => `${code} ${level}`)).toEqual([
      "otlp-acknowledged ok",
      "posthog-acknowledged ok",
      "api-one ok",
      "spool-empty ok",
    ]);
    expect(findings[0]?.sentence).toMatch(/\/v1\/traces acknowledged a test span in \d+ ms\.$/);
    expect(inspector.traces()).toMatchObject([
      { name: "land:sidecar:doctor:check", eventCount: 1, spanCount: 1 },
    ]);
  });

  describe("a pipe that is off", () => {
    it.each<[string, string, Readonly<Record<string, string>>, RegExp]>([
      ["otlp-off-capture-unset", "Capture is not set", {}, /Capture=true and Emit=true/],
      [
        "otlp-off-by-Capture",
        "Capture turns it off",
        { ...ON, Capture: "off" },
        /explicit off wins/,
      ],
      [
        "otlp-off-by-OTEL_SDK_DISABLED",
        "OTEL_SDK_DISABLED turns it off",
        { ...ON, OTEL_SDK_DISABLED: "true" },
        /Unset OTEL_SDK_DISABLED/,
      ],
      [
        "otlp-off-by-OTEL_TRACES_EXPORTER",
        "OTEL_TRACES_EXPORTER turns it off",
        { ...ON, OTEL_TRACES_EXPORTER: "none" },
        /set it to otlp/,
      ],
      ["otlp-off-unset", "Emit is not set", { Capture: "1" }, /Set Emit=true/],
      [
        "otlp-off-capture-unset",
        "LAND_TELEMETRY_CAPTURE holds no usable value",
        { ...ON, LAND_TELEMETRY_CAPTURE: "maybe" },
        /^Set LAND_TELEMETRY_CAPTURE=true\.$/,
      ],
      [
        "posthog-off-unset",
        "Report holds no usable value",
        { ...ON, Report: "maybe" },
        /^Set Report=true\.$/,
      ],
      ["otlp-off-by-Emit", "Emit turns it off", { ...ON, Emit: "false" }, /Unset Emit/],
      [
        "otlp-off-by-OTLPEnabled",
        "OTLPEnabled turns it off",
        { ...ON, OTLPEnabled: "no" },
        /Unset OTLPEnabled/,
      ],
      ["posthog-off-unset", "Report is not set", { Capture: "1" }, /Set Report=true/],
      ["posthog-off-by-Report", "Report turns it off", { ...ON, Report: "0" }, /Unset Report/],
      [
        "posthog-off-no-key",
        "Authorize is not set",
        { Capture: "1", Report: "1" },
        /Set Authorize/,
      ],
      [
        "posthog-off-key-unusable",
        "Authorize holds no usable key",
        { ...ON, Authorize: "" },
        /empty one turns the pipe off/,
      ],
      [
        "posthog-off-key-unusable",
        "Authorize holds no usable key",
        { ...ON, Authorize: "phc with blanks" },
        /without blanks/,
      ],
      [
        "otlp-off-destination-unusable",
        "Pipe holds no usable http:// or https:// URL",
        { ...ON, Pipe: "ftp://collector" },
        /^Correct Pipe,/,
      ],
      [
        "posthog-off-destination-unusable",
        "Beam holds no usable http:// or https:// URL",
        { ...ON, Beam: "ftp://events" },
        /^Correct Beam,/,
      ],
    ])("%s: %s", async (code, why, environment, advice) => {
      const { findings } = await examine(environment, "--no-send");
      const pipe = code.startsWith("otlp") ? "otlp" : "posthog";
      expect(findings.filter(({ about, level }) => about === pipe && level === "off")).toEqual([
        {
          code,
          level: "off",
          about: pipe,
          sentence: `${pipe} is off: ${why}.`,
          advice: expect.stringMatching(advice),
        },
      ]);
    });

    it("is not a problem: the exit code is 3 if both are off, and 0 if one is on", async () => {
      expect((await examine({}, "--no-send")).exitCode).toBe(3);
      expect((await examine({ Capture: "1", Emit: "1" }, "--no-send")).exitCode).toBe(0);
    });
  });

  describe("a setting", () => {
    it.each([
      ["Capture", "perhaps"],
      ["Buffer", "abc"],
      ["Pipe", "collector:4318"],
      ["OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"],
      ["Authorize", "phc with blanks"],
    ])("that cannot be used is named with what is accepted: %s=%s", async (name, value) => {
      const { findings, exitCode } = await examine({ [name]: value }, "--no-send");
      expect(exitCode).toBe(1);
      expect(findings[0]).toMatchObject({
        code: "setting-unusable",
        level: "problem",
        sentence: expect.stringMatching(new RegExp(`^${name}=.* is not usable; accepted: `)),
      });
    });

    it("is listed with its value and its source, with secrets masked", async () => {
      const { settings } = await examine(
        {
          ...ON,
          Pipe: "https://ada:secret@collector.example/base",
          OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%200123456789abcdef",
        },
        "--no-send",
      );
      const of = (name: string): Setting | undefined =>
        settings.find((setting) => setting.name === name);
      expect(of("capture")).toEqual({ name: "capture", value: "true", source: "Capture" });
      expect(of("posthog.key")).toEqual({
        name: "posthog.key",
        value: "phc_…nop",
        source: "Authorize",
      });
      expect(of("posthog.flushAt")).toEqual({
        name: "posthog.flushAt",
        value: "20",
        source: "default",
      });
      expect(of("otlp.endpoint")).toEqual({
        name: "otlp.endpoint",
        value: "https://…:…@collector.example/base/v1/traces",
        source: "Pipe",
      });
      expect(of("otlp.headers.authorization")).toEqual({
        name: "otlp.headers.authorization",
        value: "Bear…def",
        source: "OTEL_EXPORTER_OTLP_HEADERS",
      });
      const text = JSON.stringify(settings);
      for (const secret of [KEY, "secret", "0123456789abcdef"]) expect(text).not.toContain(secret);
    });

    it.each([
      ["OTEL_BSP_MAX_QUEUE_SIZE", "abc"],
      ["OTEL_EXPORTER_OTLP_TIMEOUT", "-1"],
      ["OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"],
      ["OTEL_TRACES_SAMPLER", "sometimes"],
      ["OTEL_TRACES_SAMPLER_ARG", "2"],
    ])("that the official classes read and cannot use is named too: %s=%s", async (name, value) => {
      const { findings, exitCode } = await examine(
        { OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "1", [name]: value },
        "--no-send",
      );
      expect(exitCode).toBe(1);
      expect(findings.filter(({ code }) => code === "setting-unusable")).toEqual([
        {
          code: "setting-unusable",
          level: "problem",
          about: "settings",
          sentence: expect.stringContaining(name),
        },
      ]);
    });

    it.each([
      ["otlp.endpoint", "OTEL_EXPORTER_OTLP_ENDPOINT", "http://c", "http://c/v1/traces"],
      ["otlp.endpoint", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://c/x", "http://c/x"],
      ["otlp.timeoutMs", "OTEL_EXPORTER_OTLP_TIMEOUT", "1234", "1234"],
      ["otlp.compression", "OTEL_EXPORTER_OTLP_COMPRESSION", "gzip", "gzip"],
      ["otlp.scheduledDelayMillis", "OTEL_BSP_SCHEDULE_DELAY", "77", "77"],
      ["sampler", "OTEL_TRACES_SAMPLER", "always_off", "always_off"],
    ])(
      "that the official classes read is listed with its variable: %s, %s=%s",
      async (name, variable, text, value) => {
        const { settings } = await examine({ ...ON, [variable]: text }, "--no-send");
        expect(settings).toContainEqual({ name, value, source: variable });
        const others = (await examine(ON, "--no-send")).settings;
        expect(others.find((setting) => setting.name === name)?.source).toBe("default");
      },
    );

    it.each<[string, string, Readonly<Record<string, string>>, RegExp]>([
      [
        "posthog-personal-key",
        "problem",
        { ...ON, Authorize: "phx_0123456789abcdefgh" },
        /personal API key/,
      ],
      [
        "old-name",
        "note",
        { OTLPEndpoint: "http://127.0.0.1:1", Pipe: "http://127.0.0.1:2" },
        /older name of Pipe, which is set too and wins/,
      ],
      [
        "otlp-unencrypted",
        "note",
        { ...ON, Pipe: "http://collector.example" },
        /without encryption/,
      ],
      [
        "otlp-grpc-port",
        "note",
        { ...ON, Pipe: "http://127.0.0.1:4317" },
        /port 4317, where collectors speak gRPC/,
      ],
      ["setting-unusable", "problem", { POSTHOG_CAPTURE_MODE: "v1" }, /this variable is not read/],
      ["production", "off", { NODE_ENV: "production" }, /^Nothing is sent: NODE_ENV is production/],
    ])("that deserves a remark gets one: %s", async (code, level, environment, sentence) => {
      const { findings } = await examine(environment, "--no-send");
      expect(findings.find((finding) => finding.code === code)).toMatchObject({
        level,
        sentence: expect.stringMatching(sentence),
      });
    });

    it.each<[string, Readonly<Record<string, string>>]>([
      ["encrypted", { ...ON, Pipe: "https://collector.example", Beam: "https://posthog.example" }],
      ["on this machine", { ...ON, Pipe: "http://127.0.0.1:1", Beam: "http://localhost:1" }],
      ["of a pipe that is off", { ...ON, Emit: "false", Pipe: "http://collector.example" }],
    ])("that is a destination %s gets no remark", async (_what, environment) => {
      const { findings } = await examine(environment, "--no-send");
      expect(findings.filter(({ code }) => /unencrypted|grpc-port/.test(code))).toEqual([]);
    });
  });

  describe("an endpoint", () => {
    it.each([
      [302, "redirect", /redirects/],
      [400, "http_400", /refuses the request \(400\)/],
      [401, "http_401", /credentials/],
      [403, "http_403", /does not let the sender in/],
      [404, "http_404", /nothing at this path/],
      [405, "http_405", /does not take POST/],
      [413, "http_413", /too large/],
      [415, "http_415", /encoding/],
      [429, "http_429", /takes no more/],
      [503, "http_503", /failure of its own \(503\)/],
    ])(
      "that answers %i gets its own sentence and advice, for either pipe",
      async (status, reason, sentence) => {
        const url = await listen((_request, response) =>
          response.writeHead(status, { location: "/elsewhere" }).end(),
        );
        const { findings, exitCode } = await examine({ ...ON, Pipe: url, Beam: url });
        expect(exitCode).toBe(1);
        for (const pipe of ["otlp", "posthog"]) {
          expect(findings.find(({ about }) => about === pipe)).toMatchObject({
            code: `${pipe}-${reason}`,
            level: "problem",
            sentence: expect.stringMatching(sentence),
            advice: expect.stringMatching(/\w/),
          });
        }
      },
    );

    it.each<[string, (request: IncomingMessage, response: ServerResponse) => void, RegExp]>([
      [
        "garbage",
        (_request, response) =>
          response
            .writeHead(200, { "content-type": "text/html" })
            .end("<html>Welcome to the hotel</html>"),
        /captive portal/,
      ],
      ["timeout", () => undefined, /does not answer in time/],
      ["reset", (request) => request.socket.destroy(), /closes the connection/],
      [
        "rejected",
        (_request, response) =>
          response.end(
            JSON.stringify({ partialSuccess: { rejectedSpans: "1", errorMessage: "no quota" } }),
          ),
        /refused the test span: no quota\.$/,
      ],
      [
        "rejected",
        (_request, response) =>
          response.end(
            JSON.stringify({
              partialSuccess: { rejectedSpans: "1", errorMessage: "x".repeat(900) },
            }),
          ),
        /refused the test span: x{200}\.$/,
      ],
    ])("that fails is reported with the reason: %s", async (reason, answer, sentence) => {
      const url = await listen(answer);
      const limit = reason === "timeout" ? ["--timeout", "300"] : [];
      const { findings } = await examine({ ...ON, Report: "false", Pipe: url }, ...limit);
      expect(
        findings.find(({ about, level }) => about === "otlp" && level === "problem"),
      ).toMatchObject({ code: `otlp-${reason}`, sentence: expect.stringMatching(sentence) });
    });

    it("that refuses, has an unknown host or speaks no TLS is reported as such", async () => {
      const plain = await listen((_request, response) => response.end());
      const free = await freePort();
      const codeFor = async (url: string): Promise<string | undefined> =>
        (await examine({ ...ON, Report: "false", Pipe: url })).findings.find(
          ({ level }) => level === "problem",
        )?.code;
      expect(await codeFor(`http://127.0.0.1:${free}`)).toBe("otlp-refused");
      // Without a network, some resolvers refuse immediately, others not in time.
      expect(["otlp-unknown_host", "otlp-timeout"]).toContain(
        await codeFor("http://no-such-host.invalid"),
      );
      expect(await codeFor(plain.replace("http:", "https:"))).toBe("otlp-tls");
    });
  });

  describe("the API", () => {
    function install(folder: string, version: string): void {
      const directory = join(home, folder, "node_modules/@opentelemetry/api");
      mkdirSync(directory, { recursive: true });
      writeFileSync(join(directory, "package.json"), JSON.stringify({ version }));
    }
    const codes = async (): Promise<readonly string[]> => {
      const { out } = await run(["doctor", "--json", "--no-send"], {
        directory: home,
        environment: { LAND_TELEMETRY_SPOOL: join(home, "spool") },
      });
      return (JSON.parse(out) as Report).findings
        .filter(({ about }) => about === "api")
        .map(({ code }) => code);
    };

    it("is reported as missing", async () => expect(await codes()).toEqual(["api-missing"]));
    it("is reported as installed once", async () => {
      install(".", "1.9.1");
      expect(await codes()).toEqual(["api-one"]);
    });
    it("is reported as installed twice in one version", async () => {
      install(".", "1.9.1");
      install("node_modules/other", "1.9.1");
      expect(await codes()).toEqual(["api-copies"]);
    });
    it("is counted once among packages that are linked to each other in a circle", async () => {
      install(".", "1.9.1");
      for (const [name, other] of [
        ["a", "b"],
        ["b", "a"],
      ] as const) {
        mkdirSync(join(home, "node_modules", name, "node_modules"), { recursive: true });
        symlinkSync(
          join(home, "node_modules", other),
          join(home, "node_modules", name, "node_modules", other),
          "dir",
        );
      }
      expect(await codes()).toEqual(["api-one"]);
    });
    it("is reported as installed in two versions, one of which does not fit", async () => {
      install(".", "1.9.1");
      install("node_modules/@scope/other", "1.11.0");
      expect(await codes()).toEqual(["api-versions", "api-unfit"]);
    });
  });

  describe("the spool", () => {
    const codes = async (
      environment: Readonly<Record<string, string>> = {},
    ): Promise<readonly string[]> =>
      (await examine(environment, "--no-send")).findings
        .filter(({ about }) => about === "spool")
        .map(({ code }) => code);

    it("is reported if it cannot be written", async () => {
      writeFileSync(join(home, "file"), "");
      expect(await codes({ LAND_TELEMETRY_SPOOL: join(home, "file", "spool") })).toEqual([
        "spool-unwritable",
      ]);
    });

    it("is reported if it has no place or is nearly full, with what waits in it", () => {
      const configuration = readConfiguration(
        { tier: Tier.Sidecar, spool: { directory: join(home, "spool"), maxBytes: 1_000 } },
        {},
      );
      const folder = {
        pipe: "otlp",
        directory: home,
        segments: 1,
        records: 1,
        items: 1,
        bytes: 801,
        damaged: 0,
        inUse: 0,
        oldest: undefined,
        newest: undefined,
      } as const;
      const found = (
        wanted: Configuration,
        folders: readonly SpoolFolder[],
      ): readonly Finding[] => {
        const findings = new Findings();
        examineSpool(wanted, folders, findings, true);
        return findings.all;
      };
      expect(found({ ...configuration, spool: false }, [])).toMatchObject([
        {
          code: "spool-no-home",
          level: "problem",
          advice: expect.stringContaining("LAND_TELEMETRY_SPOOL"),
        },
      ]);
      expect(found(configuration, [folder])).toMatchObject([
        { code: "spool-full", level: "problem" },
        { code: "spool-waiting", sentence: expect.stringMatching(/^1 \w+ waits in /) },
      ]);
      const other = { ...folder, items: 3, pipe: "posthog", bytes: 1 } as const;
      expect(found(configuration, [other, { ...folder, bytes: 1, pipe: "otlp" }])).toMatchObject([
        { sentence: expect.stringMatching(/^1 span and 3 events wait in /) },
      ]);
      expect(found(configuration, [other])).toMatchObject([
        { sentence: expect.stringMatching(/^3 events wait in /) },
      ]);
      expect(found(configuration, [{ ...folder, bytes: 800 }])).toMatchObject([
        { code: "spool-waiting" },
      ]);
    });

    it("is not created while nothing is sent", async () => {
      const directory = join(home, "state");
      const { findings } = await examine({ LAND_TELEMETRY_SPOOL: directory });
      expect(findings.find(({ code }) => code === "spool-empty")?.sentence).toContain(directory);
      expect(existsSync(directory)).toBe(false);
    });

    it("is reported if a line is damaged and something waits in it", async () => {
      const directory = spoolDirectory(
        join(home, "spool"),
        "otlp",
        "http://127.0.0.1:4318/v1/traces",
      );
      const spool = new DiskQueue(new DeliveryStats(), { directory });
      spool.append([{ id: "a", count: 3, urgent: false, body: "{}" }], false);
      spool.close();
      writeFileSync(join(directory, "1.1.1.aa.0.torn.ndjson"), "torn");
      expect(await codes()).toEqual(["spool-damaged", "spool-waiting"]);
    });
  });

  it("prints the same report as text for people", async () => {
    const { out, code } = await run(["doctor", "--no-send"], {
      environment: { Capture: "true", Emit: "true", LAND_TELEMETRY_SPOOL: home },
    });
    expect(code).toBe(0);
    expect(out).toMatch(/^ {2}capture +true +Capture$/m);
    expect(out).toMatch(/^– posthog is off: Report is not set\.\n {4}Set Report=true and Auth/m);
    expect(out).toContain("No problem was found.");
  });

  it("lists the settings that differ from the defaults, and with --all every one", async () => {
    const environment = { Capture: "true", Emit: "true", LAND_TELEMETRY_SPOOL: home };
    const listed = async (...args: readonly string[]): Promise<readonly string[]> =>
      (await run(["doctor", "--no-send", ...args], { environment })).out
        .split("\n")
        .flatMap((line) => /^ {2}(\w[\w.]*) /.exec(line)?.[1] ?? []);
    expect(await listed()).toEqual(["capture", "otlp.enabled", "spool.directory"]);
    const { settings } = await examine(environment, "--no-send");
    expect(await listed("--all")).toEqual(settings.map(({ name }) => name));
  });

  it.each<[readonly string[], Readonly<Record<string, string>>, string, RegExp]>([
    [
      [],
      {},
      "default",
      /, tier sidecar; the program's own tier is not known here; --tier sets it$/m,
    ],
    [["--tier", "air"], {}, "--tier", /, tier air$/m],
    [[], { LAND_TELEMETRY_TIER: "rest" }, "LAND_TELEMETRY_TIER", /, tier rest$/m],
  ])("says where the tier comes from: %j %j", async (args, environment, source, header) => {
    const { settings } = await examine(environment, "--no-send", ...args);
    expect(settings.find(({ name }) => name === "tier")?.source).toBe(source);
    expect((await run(["doctor", "--no-send", ...args], { environment })).out).toMatch(header);
  });

  it("refuses an unknown tier with the exit code 2", async () => {
    const { code, err } = await run(["doctor", "--tier", "moon"]);
    expect([code, err]).toEqual([
      2,
      expect.stringContaining('--tier is "moon"; accepted: mountain'),
    ]);
  });

  it("shows only enough of a secret to tell two apart, and nothing of a short one", () => {
    expect([mask("short"), mask(KEY)]).toEqual(["…", "phc_…nop"]);
  });

  it.each([
    ["http://a.example/?token=secret&b=c", "http://a.example/?token=…&b=…"],
    ["http://ada:secret@a.example/x", "http://…:…@a.example/x"],
    ["http://secret@a.example/x", "http://…@a.example/x"],
    ["http://:secret@a.example/x", "http://:…@a.example/x"],
    ["http://a.example", "http://a.example"],
    ["", "none"],
    ["no URL", "no URL"],
  ])("shows the URL %j as %j", (url, shown) => expect(maskUrl(url)).toBe(shown));
});

async function freePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
