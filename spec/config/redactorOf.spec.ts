import { readConfiguration } from "../../lib/config/readConfiguration.js";
import { redactorOf } from "../../lib/config/redactorOf.js";
import type { TelemetryOptions } from "../../lib/config/TelemetryOptions.js";
import { Tier } from "../../lib/resource/Tier.js";

const redactorFor = (options: Partial<TelemetryOptions> = {}) =>
  redactorOf(readConfiguration({ tier: Tier.Cocoon, ...options }, {}));
const user = process.env["USER"];

beforeAll(() => (process.env["USER"] = "jane"));
afterAll(() => {
  if (user === undefined) delete process.env["USER"];
  else process.env["USER"] = user;
});

describe("redactorOf", () => {
  it("knows the user of the process", () => {
    expect(redactorFor().text("hello jane", "os")).toBe("hello <user>");
    expect(redactorFor().value({ deep: ["jane"] })).toEqual({ deep: ["<user>"] });
  });

  it("has the rules of the host's own", () => {
    expect(redactorFor({ privacy: { denyKeys: ["os"] } }).value("linux", "os")).toBe("<redacted>");
    expect(redactorFor({ privacy: { redact: () => "own" } }).value("debug")).toBe("own");
  });

  it("changes nothing where redaction is off", () => {
    expect(redactorFor({ privacy: false }).value("jane", "os")).toBe("jane");
  });
});
