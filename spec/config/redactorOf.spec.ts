import { homedir } from "node:os";
import { readConfiguration } from "../../lib/config/readConfiguration.js";
import { redactorOf } from "../../lib/config/redactorOf.js";
import type { TelemetryOptions } from "../../lib/config/TelemetryOptions.js";
import { rustArch, rustOs } from "../../lib/resource/platformNames.js";
import { Tier } from "../../lib/resource/Tier.js";
import { createRedactor } from "../../lib/redaction/createRedactor.js";

const NAME = "jane";
/** What the event of a session start says, as the mirror builds it. */
const SESSION: Readonly<Record<string, unknown>> = {
  $app: "fiddee",
  $app_version: "0.0.1",
  $build_mode: "debug",
  $process_person_profile: false,
  $geoip_disable: true,
  duration_ms: 41.5,
  status_code: 0,
  span_name: "land:cocoon:session:start",
  pid: String(process.pid),
  os: rustOs(process.platform),
  arch: rustArch(process.arch),
};
const SECRETS = [
  NAME,
  "/home/jane/work",
  "hunter2 jane@example.org",
  "ghp_0123456789abcdefghijABCDEFGHIJ012345",
  [NAME],
  { deep: NAME },
];

const fresh = (options: Partial<TelemetryOptions> = {}) =>
  redactorOf(readConfiguration({ tier: Tier.Cocoon, ...options }, {}));
const made = createRedactor({}, { user: NAME, home: homedir() });
const user = process.env["USER"];

beforeAll(() => (process.env["USER"] = NAME));
afterAll(() => {
  if (user === undefined) delete process.env["USER"];
  else process.env["USER"] = user;
});

/** A redactor that lets the session start pass before it is made must let nothing else pass. */
describe("redactorOf", () => {
  it("lets the session start pass as the redactor itself would", () => {
    for (const [key, value] of Object.entries(SESSION)) {
      expect([key, made.value(value, key)]).toEqual([key, value]);
      expect([key, fresh().value(value, key)]).toEqual([key, value]);
    }
  });

  it.each(Object.keys(SESSION))(
    "redacts whatever else is first to come under %s as the redactor does",
    (key) => {
      for (const secret of [...SECRETS, 7, true, null])
        expect(fresh().value(secret, key)).toEqual(made.value(secret, key));
      // $app is a name that the host chose: it may be the user's.
      if (key !== "$app")
        expect(JSON.stringify(SECRETS.map((secret) => fresh().value(secret, key)))).not.toMatch(
          /jane|ghp_/,
        );
    },
  );

  it("redacts the first value of any other key, of none, and what is no property", () => {
    for (const secret of SECRETS) {
      expect(JSON.stringify(fresh().value(secret, "anything"))).not.toMatch(/jane|ghp_/);
      expect(JSON.stringify(fresh().value(secret))).not.toMatch(/jane|ghp_/);
    }
    expect(fresh().text(NAME, "os")).toBe("<user>");
    expect(fresh().attributes({ os: NAME })).toEqual({ os: "<user>" });
    expect(fresh().stack(`Error: ${NAME}`)).toBe("Error: <user>");
  });

  it("lets nothing pass where the host has rules of its own", () => {
    for (const key of Object.keys(SESSION))
      expect(fresh({ privacy: { denyKeys: [key] } }).value(SESSION[key], key)).toBe("<redacted>");
    expect(fresh({ privacy: { redact: () => "own" } }).value("debug", "$build_mode")).toBe("own");
  });

  it("changes nothing where redaction is off", () => {
    expect(fresh({ privacy: false }).value(NAME, "os")).toBe(NAME);
  });
});
