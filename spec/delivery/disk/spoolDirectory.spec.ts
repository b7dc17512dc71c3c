import { homedir } from "node:os";
import { join } from "node:path";
import { defaultSpoolRoot } from "../../../lib/delivery/disk/spoolDirectory";

describe("the default root of spools", () => {
  it.each([
    ["linux", {}, join(homedir(), ".local/state/land-telemetry")],
    ["linux", { XDG_STATE_HOME: "/state" }, "/state/land-telemetry"],
    ["linux", { XDG_STATE_HOME: "relative" }, join(homedir(), ".local/state/land-telemetry")],
    [
      "darwin",
      { XDG_STATE_HOME: "/state" },
      join(homedir(), "Library/Application Support/land-telemetry"),
    ],
    ["win32", { LOCALAPPDATA: "/local" }, "/local/land-telemetry"],
    ["win32", {}, join(homedir(), "AppData/Local/land-telemetry")],
  ] as const)("on %s with %j is %s", (platform, env, expected) => {
    expect(defaultSpoolRoot(env, platform)).toBe(expected);
  });
});
