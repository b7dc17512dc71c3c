import { readGates } from "../../lib/config/readGates.js";
import { reasonOff } from "../../lib/config/reasonOf.js";
import { SettingReader } from "../../lib/config/SettingReader.js";

const reason = (environment: Record<string, string>): string =>
  reasonOff(readGates(new SettingReader({ tier: "cocoon" }, environment)).gates);

describe("the reason that nothing is sent", () => {
  it("is given once if it is the same for both pipes", () => {
    expect(reason({})).toBe("Nothing is sent: Capture is not set.");
    expect(reason({ Capture: "maybe" })).toBe("Nothing is sent: Capture holds no usable value.");
    expect(reason({ DO_NOT_TRACK: "1" })).toBe("Nothing is sent: DO_NOT_TRACK turns it off.");
  });

  it("is given for each pipe if it differs", () => {
    expect(reason({ Capture: "1", Report: "0" })).toBe(
      "Nothing is sent: Report turns it off (posthog); Emit is not set (otlp).",
    );
    expect(reason({ Capture: "1", Report: "1", Authorize: "phc_a", Beam: "h:1", Emit: "0" })).toBe(
      "Nothing is sent: Beam holds no usable http:// or https:// URL (posthog); Emit turns it off (otlp).",
    );
  });
});
