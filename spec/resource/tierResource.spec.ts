import { resourceFromAttributes } from "@opentelemetry/resources";
import { LazyResource } from "../../lib/resource/LazyResource.js";
import { tierResource } from "../../lib/resource/tierResource.js";

const identity = {
  tier: "cocoon",
  serviceName: "land-editor-cocoon",
  version: "1.2.3",
  sessionId: () => "session",
  attributes: {},
} as const;

describe("the resource of a tier", () => {
  it("says what the process is, and nothing of its command line, its paths or its user", () => {
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

  it("takes a host's attributes before its own, but for tier and session", () => {
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

  it("is made when it is first looked at, once, and is complete then", () => {
    const sessionId = jest.fn(() => "session");
    const resource = tierResource({ ...identity, sessionId });
    expect(resource.asyncAttributesPending).toBe(false);
    expect(sessionId).not.toHaveBeenCalled();
    const instance = resource.attributes["service.instance.id"];
    expect(resource.attributes["service.instance.id"]).toBe(instance);
    expect(resource.getRawAttributes()).toContainEqual(["service.instance.id", instance]);
    expect(sessionId).toHaveBeenCalledTimes(1);
    expect(tierResource(identity).attributes["service.instance.id"]).not.toBe(instance);
  });

  it("is merged as the official one is", () => {
    const [one, other] = [
      { a: 1, b: 1 },
      { b: 2, c: 2 },
    ];
    const lazy = new LazyResource(() => resourceFromAttributes(one));
    expect(lazy.merge(resourceFromAttributes(other)).attributes).toEqual(
      resourceFromAttributes(one).merge(resourceFromAttributes(other)).attributes,
    );
    expect(lazy.merge(null).attributes).toEqual(one);
    expect(resourceFromAttributes(other).merge(lazy).attributes).toEqual({ a: 1, b: 1, c: 2 });
  });
});
