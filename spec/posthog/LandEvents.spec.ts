import { captureEvent } from "../../lib/api/capture.js";
import type { Tier } from "../../lib/resource/Tier.js";

describe("the catalogue of Land's events", () => {
  // The compiler checks these calls; without `register` they do nothing.
  it("requires the properties of each event, and accepts further ones", () => {
    captureEvent("land:cocoon:entry:load", { entry: "main" });
    captureEvent("land:cocoon:handler:complete", { feature: "f", duration_ms: 1, ok: true });
    captureEvent("land:wind:stub:active", { feature: "f", reason: "r", further: [1] });
    // @ts-expect-error -- The entry is missing.
    captureEvent("land:cocoon:entry:load", {});
    // @ts-expect-error -- The properties are missing.
    captureEvent("land:cocoon:vscode_api_gap");
    // @ts-expect-error -- The duration is a number.
    captureEvent("land:cocoon:entry:loaded", { entry: "main", duration_ms: "1" });
    const tier = "cocoon" as Tier;
    // @ts-expect-error -- The tier does not matter, nor does it have to be known.
    captureEvent(`land:${tier}:entry:load`, { entri: "main" });
  });

  it("lets any other event have any properties, or none", () => {
    captureEvent("saved");
    captureEvent("land:cocoon:saved", { anything: 1 });
    captureEvent(["saved", "closed"].join(), { anything: 1 });
    captureEvent("land:nobody:entry:load");
    // @ts-expect-error -- Properties are an object.
    captureEvent("saved", 1);
  });
});
