import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Finding } from "../../lib/cli/doctor/report.js";
import { run } from "./terminal.js";

const KEY = "phc_0123456789abcdefghijklmnop";
const PERSONAL = "phx_0123456789abcdefghijklmnop";
const ON = { Capture: "true", Report: "true", Emit: "true", Authorize: KEY };
const TRACES = { Capture: "true", Emit: "true" };
const EVENTS = { Capture: "true", Report: "true", Authorize: KEY };

let home: string;
let url: string;
let requests: string[];
let answer: RequestListener;
const server = createServer((request, response) => {
  requests.push(`${request.method} ${request.url}`);
  request.resume();
  answer(request, response);
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "land-doctor-states-"));
  requests = [];
  answer = (_request, response) => response.end("{}");
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

type Environment = Readonly<Record<string, string>>;

/** A machine's state: its variables, what the doctor says, the exit code and, where it matters, what was sent. */
interface State {
  readonly is: string;
  readonly set: Environment;
  readonly says: readonly string[];
  readonly code: number;
  readonly answers?: readonly [status: number, headers: Environment, body?: string];
  readonly requests?: readonly string[];
}

const BOTH = ["POST /batch/", "POST /v1/traces"];
const NOTHING = "– Nothing is sent: both pipes are off.";

const STATES: readonly State[] = [
  {
    is: "nothing is set",
    set: {},
    says: [
      NOTHING,
      "– otlp is off: Capture is not set.\n    Set Capture=true and Emit=true.\n",
      "– posthog is off: Capture is not set.\n    Set Capture=true, Report=true and Authorize to the project's key (phc_…).\n",
    ],
    code: 3,
  },
  {
    is: "an off, and switches that are not set",
    set: { Capture: "false", Report: "true" },
    says: [
      "deletes what was spooled. Set Emit=true.\n",
      "deletes what was spooled. Set Authorize to the project's key (phc_…).\n",
    ],
    code: 3,
  },
  {
    is: "Capture alone",
    set: { Capture: "true" },
    says: [NOTHING, "– otlp is off: Emit is not set.", "– posthog is off: Report is not set."],
    code: 3,
  },
  {
    is: "both pipes are on and answered",
    set: ON,
    says: ["✓ URL/v1/traces acknowledged a test span in", "✓ URL/batch/ acknowledged a test event"],
    code: 0,
    requests: BOTH,
  },
  {
    is: "one pipe is on and answered",
    set: TRACES,
    says: ["– posthog is off: Report is not set.", "No problem was found."],
    code: 0,
    requests: ["POST /v1/traces"],
  },
  {
    is: "a production build",
    set: { ...ON, NODE_ENV: "production" },
    says: ["– Nothing is sent: NODE_ENV is production, which makes this a release,"],
    code: 3,
    requests: [],
  },
  {
    is: "the production condition",
    set: { ...ON, NODE_OPTIONS: "--enable-source-maps --conditions=production" },
    says: [
      "– Nothing is sent: NODE_OPTIONS sets the condition production, which makes this a release,",
    ],
    code: 3,
    requests: [],
  },
  {
    is: "everything is off by Capture",
    set: { ...ON, Capture: "false" },
    says: [
      NOTHING,
      "– otlp is off: Capture turns it off.",
      "– posthog is off: Capture turns it off.",
    ],
    code: 3,
    requests: [],
  },
  {
    is: "everything is off by DO_NOT_TRACK",
    set: { ...ON, DO_NOT_TRACK: "1" },
    says: [NOTHING, "– otlp is off: DO_NOT_TRACK turns it off.", "    Unset DO_NOT_TRACK;"],
    code: 3,
    requests: [],
  },
  {
    is: "everything is off by OTEL_SDK_DISABLED",
    set: { ...ON, OTEL_SDK_DISABLED: "true" },
    says: [NOTHING, "– posthog is off: OTEL_SDK_DISABLED turns it off."],
    code: 3,
  },
  {
    is: "traces are off by the standard's exporter",
    set: { ...TRACES, OTEL_TRACES_EXPORTER: "none" },
    says: [NOTHING, "– otlp is off: OTEL_TRACES_EXPORTER turns it off."],
    code: 3,
  },
  {
    is: "a switch that is mistyped",
    set: { ...EVENTS, Emitt: "true" },
    says: [
      "✗ Emitt is set, but nothing reads it. Did you mean Emit, which is not set?",
      "    Set Emit,",
    ],
    code: 1,
  },
  {
    is: "the master switch is mistyped",
    set: { ...ON, Capture: "", Captur: "true" },
    says: [
      "One problem was found. Nothing is sent.",
      "✗ Captur is set, but nothing reads it. Did you mean Capture, which is not set?",
      NOTHING,
    ],
    code: 1,
    requests: [],
  },
  {
    is: "a switch in capitals",
    set: { CAPTURE: "true", Emit: "true" },
    says: [
      "✗ CAPTURE is set, but nothing reads it. Did you mean Capture, which is not set?",
      NOTHING,
      "– otlp is off: Capture is not set (CAPTURE is, but nothing reads it).",
    ],
    code: 1,
  },
  {
    is: "a destination in capitals",
    set: { ...TRACES, Pipe: "", PIPE: "https://collector.example", Emit: "" },
    says: ["✗ PIPE is set, but nothing reads it. Did you mean Pipe, which is not set?"],
    code: 1,
  },
  {
    is: "another program's variables in capitals",
    set: { ...TRACES, BATCH: "yes", REPORT: "junit.xml" },
    says: [
      "· BATCH is set, but nothing reads it. Did you mean Batch, which is not set?",
      "· REPORT is set, but nothing reads it. Did you mean Report, which is not set?",
    ],
    code: 0,
    requests: ["POST /v1/traces"],
  },
  {
    is: "a prefixed name that is mistyped",
    set: { ...ON, LAND_TELEMETRY_CAPTUR: "true" },
    says: [
      '✗ LAND_TELEMETRY_CAPTUR="…" is not usable; accepted: LAND_TELEMETRY_CAPTURE. It is not read.',
    ],
    code: 1,
  },
  {
    is: "a switch whose word is mistyped",
    set: { ...ON, Capture: "ture" },
    says: ['✗ Capture="ture" is not usable; accepted: true, 1, on, yes, false', NOTHING],
    code: 1,
    requests: [],
  },
  {
    is: "a prefixed switch whose word is mistyped: the short one is not read instead",
    set: { ...ON, LAND_TELEMETRY_CAPTURE: "flase" },
    says: ['✗ LAND_TELEMETRY_CAPTURE="flase" is not usable; accepted: true, 1', NOTHING],
    code: 1,
    requests: [],
  },
  {
    is: "a number that is none",
    set: { ...ON, Buffer: "soon" },
    says: ['✗ Buffer="soon" is not usable; accepted: a number above 0', "3000 is used."],
    code: 1,
    requests: BOTH,
  },
  {
    is: "a tier that is none",
    set: { ...ON, LAND_TELEMETRY_TIER: "cocon" },
    says: ['✗ LAND_TELEMETRY_TIER="cocon" is not usable; accepted: mountain, '],
    code: 1,
  },
  {
    is: "OTEL_* alone",
    set: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318", OTEL_SERVICE_NAME: "mine" },
    says: [
      NOTHING,
      "· OTEL_EXPORTER_OTLP_ENDPOINT and 1 more like it are set, but that alone turns nothing on: otlp needs Capture and Emit.",
      "    Set Capture=true and Emit=true.",
    ],
    code: 3,
    requests: [],
  },
  {
    is: "POSTHOG_* alone",
    set: { POSTHOG_API_KEY: KEY },
    says: [
      "· POSTHOG_API_KEY is set, but that alone turns nothing on: posthog needs Capture and Report.\n    Set Capture=true and Report=true.\n",
    ],
    code: 3,
    requests: [],
  },
  {
    is: "no key",
    set: { Capture: "true", Report: "true" },
    says: [
      NOTHING,
      "– posthog is off: Authorize is not set.",
      "    Set Authorize to the project's",
    ],
    code: 3,
  },
  {
    is: "a personal API key",
    set: { ...EVENTS, Authorize: PERSONAL },
    says: [
      '✗ Authorize="phx_…" is not usable; accepted: a project key such as phc_…, not a personal API key, without blanks. The PostHog pipe is off.',
      "    A personal API key may read and change projects: use the project's key",
      "– posthog is off: Authorize holds no usable key.",
    ],
    code: 1,
    requests: [],
  },
  {
    is: "a destination without its scheme",
    set: { ...TRACES, Pipe: "collector:4318" },
    says: ['✗ Pipe="collector:4318" is not usable; accepted: an http:// or https:// URL.', NOTHING],
    code: 1,
    requests: [],
  },
  {
    is: "a certificate that is not there",
    set: { ...TRACES, OTEL_EXPORTER_OTLP_CERTIFICATE: "/nowhere/ca.pem" },
    says: ["– otlp is off: OTEL_EXPORTER_OTLP_CERTIFICATE holds nothing usable."],
    code: 1,
    requests: [],
  },
  {
    is: "neither endpoint answers as it should",
    set: ON,
    answers: [503, {}],
    says: ["2 problems were found."],
    code: 1,
  },
  {
    is: "traces are redirected",
    set: TRACES,
    answers: [307, { location: "https://ada:secret@login.example/v1/traces?token=abc" }],
    says: [
      "✗ URL/v1/traces redirects to https://…:…@login.example/v1/traces?token=…, which is not followed.",
      "    Set Pipe to the final address,",
    ],
    code: 1,
  },
  {
    is: "events are redirected",
    set: EVENTS,
    answers: [301, { location: "/sign-in" }],
    says: ["✗ URL/batch/ redirects to URL/sign-in, which is not followed.", "    Set Beam to"],
    code: 1,
  },
  {
    is: "a redirect that says nothing",
    set: TRACES,
    answers: [302, {}],
    says: ["✗ URL/v1/traces redirects to somewhere else, which is not followed."],
    code: 1,
  },
  {
    is: "the key is refused",
    set: EVENTS,
    answers: [401, {}],
    says: ["✗ URL/batch/ does not accept the credentials (401).", "    Look at Authorize:"],
    code: 1,
  },
  {
    is: "nothing at this path",
    set: TRACES,
    answers: [404, {}],
    says: ["✗ URL/v1/traces has nothing at this path (404).", "    Set Pipe to the base"],
    code: 1,
  },
  {
    is: "a captive portal",
    set: TRACES,
    answers: [200, { "content-type": "text/html" }, "<html>Welcome</html>"],
    says: [
      "✗ URL/v1/traces answers with something that is no acknowledgement",
      "One problem was found.",
    ],
    code: 1,
  },
  {
    is: "an answer that says nothing",
    set: TRACES,
    answers: [200, {}, '{"color":"blue"}'],
    says: ["✗ URL/v1/traces answers, and not in words that say whether it took anything."],
    code: 1,
  },
  {
    is: "nothing listens",
    set: { ...TRACES, Pipe: "http://127.0.0.1:9" },
    says: ["✗ http://127.0.0.1:9/v1/traces refuses the connection: nothing listens there."],
    code: 1,
  },
  {
    is: "a prefixed name beside its short one",
    set: { ...TRACES, LAND_TELEMETRY_CAPTURE: "true", Capture: "40" },
    says: ["· Capture is set but ignored, because LAND_TELEMETRY_CAPTURE is set too."],
    code: 0,
    requests: ["POST /v1/traces"],
  },
  {
    is: "an older name",
    set: { Capture: "true", OTLPEnabled: "true" },
    says: ["· OTLPEnabled is the older name of Emit."],
    code: 0,
    requests: ["POST /v1/traces"],
  },
  {
    is: "a spool that cannot be written",
    set: { ...TRACES, LAND_TELEMETRY_SPOOL: "FILE/spool" },
    says: ["✗ FILE/spool cannot be written (ENOTDIR): what cannot be sent is lost"],
    code: 1,
  },
];

async function examine(
  { set, answers }: State,
  ...args: readonly string[]
): Promise<{ readonly out: string; readonly code: number }> {
  if (answers !== undefined) {
    const [status, headers, body] = answers;
    answer = (_request, response) => response.writeHead(status, headers).end(body);
  }
  const file = join(home, "file");
  writeFileSync(file, "");
  const places = { Pipe: url, Beam: url, LAND_TELEMETRY_SPOOL: join(home, "spool") };
  const { out, code } = await run(["doctor", "--timeout", "5000", ...args], {
    environment: Object.fromEntries(
      Object.entries({ ...places, ...set }).map(([name, value]) => [
        name,
        value.replace("FILE", file),
      ]),
    ),
  });
  return { out: out.replaceAll(url, "URL").replaceAll(file, "FILE"), code };
}

describe("the doctor's report in the state:", () => {
  it.each(STATES.map((state) => [state.is, state] as const))("%s", async (_is, state) => {
    const { out, code } = await examine(state);
    for (const sentence of state.says) expect(out).toContain(sentence);
    expect(code).toBe(state.code);
    if (state.requests !== undefined) expect(requests.sort()).toEqual(state.requests);
    expect(out).not.toMatch(new RegExp(`${KEY}|${PERSONAL}|secret`));

    // The findings come first, the worst at the top, and then the settings.
    const lines = out.split("\n");
    const found = lines.filter((line) => /^[✗–·✓]/.test(line));
    const signs = found.map((line) => "✗–·✓".indexOf(line.charAt(0)));
    expect(signs).toEqual([...signs].sort());
    const isSetting = (line: string): boolean => /^ {2}\w[\w.]* {2}/.test(line);
    expect(lines.findIndex(isSetting)).toBeGreaterThan(lines.indexOf(found.at(-1) ?? ""));
    if (code === 3) expect(out).toMatch(/^Nothing is sent\.$/m);

    // JSON says the same.
    requests = [];
    const json = JSON.parse((await examine(state, "--json")).out) as {
      readonly exitCode: number;
      readonly findings: readonly Finding[];
    };
    expect(json.exitCode).toBe(code);
    for (const { sentence, advice = "" } of json.findings) {
      const text = sentence.replace(/in \d+ ms/, "in");
      expect(out).toContain(text.slice(0, text.indexOf(" in") + 1 || undefined));
      expect(out).toContain(advice);
    }
    expect(json.findings).toHaveLength(signs.length);
  });

  it("is tested for at least 24 states, all different", () => {
    expect(new Set(STATES.map(({ set, answers }) => JSON.stringify([set, answers]))).size).toBe(
      STATES.length,
    );
    expect(STATES.length).toBeGreaterThanOrEqual(24);
  });
});
