import { tierResource } from "../../lib/resource/tierResource.js";

const identity = {
  tier: "cocoon",
  serviceName: "land-editor-cocoon",
  version: "1.2.3",
  sessionId: "session",
  attributes: {},
} as const;

describe("the resource of a tier", () => {
  it("describes the process, but not its command line, its paths or its user", () => {
    expect(tierResource(identity).attributes).toEqual({
      "service.name": "land-editor-cocoon",
      "service.version": "1.2.3",
      "service.instance.id": expect.stringMatching(/^[0-9a-f-]{36}$/),
      "process.pid": process.pid,
      "process.runtime.name": "nodejs",
      "process.runtime.version": process.versions.node,
      "os.type": expect.any(String),
      "telemetry.sdk.language": "nodejs",
      "telemetry.sdk.name": "opentelemetry",
      "telemetry.sdk.version": expect.any(String),
      "telemetry.distro.name": "land-telemetry",
      "telemetry.distro.version": expect.any(String),
      "land.tier": "cocoon",
      "session.id": "session",
    });
  });

  it("prefers a host's attributes to its own, except for tier and session", () => {
    const { attributes } = tierResource({
      ...identity,
      attributes: { "service.name": "mine", team: "core", "land.tier": "no", "session.id": "no" },
    });
    expect(attributes).toMatchObject({
      "service.name": "mine",
      team: "core",
      "land.tier": "cocoon",
      "session.id": "session",
    });
  });

  it("has a service instance id that no other resource shares", () => {
    expect(tierResource(identity).attributes["service.instance.id"]).not.toBe(
      tierResource(identity).attributes["service.instance.id"],
    );
  });

  it.each([
    ["darwin", "darwin"],
    ["win32", "windows"],
    ["linux", "linux"],
    ["sunos", "solaris"],
  ])("names the system %s as OpenTelemetry does: %s", (platform, os) => {
    const own = Object.getOwnPropertyDescriptor(process, "platform") ?? {};
    Object.defineProperty(process, "platform", { ...own, value: platform });
    try {
      expect(tierResource(identity).attributes["os.type"]).toBe(os);
    } finally {
      Object.defineProperty(process, "platform", own);
    }
  });
});
