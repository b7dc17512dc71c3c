import { homedir } from "node:os";
import { userName } from "../resource/identity.js";
import { rustArch, rustOs } from "../resource/platformNames.js";
import { LazyRedactor } from "../redaction/LazyRedactor.js";
import { loadRedactor } from "../redaction/loadRedactor.js";
import type { Redactor } from "../redaction/Redactor.js";
import type { Configuration } from "./Configuration.js";
import { DEFAULTS } from "./defaults.js";

/** The redactor that a configuration wants, with what the operating system knows of the user; made when needed. */
export function redactorOf(configuration: Configuration): Redactor {
  const harmless = harmlessAtStart(configuration);
  return new LazyRedactor(
    () => createNow(configuration),
    (value, key) => key !== undefined && harmless.get(key)?.(value) === true,
  );
}

function createNow({ privacy }: Configuration): Redactor {
  const { createRedactor } = loadRedactor();
  if (privacy === false) return createRedactor({ enabled: false });
  const user = userName(process.env);
  const home = homeOf();
  return createRedactor(privacy, {
    ...(user === "unknown" ? {} : { user }),
    ...(home === undefined ? {} : { home }),
  });
}

/**
 * What the session start says, by property, as far as it is numbers and constants of ours: that event is made
 * while a person waits. With rules of the host's own, nothing is harmless.
 */
function harmlessAtStart({
  privacy,
  tier,
}: Configuration): ReadonlyMap<string, (value: unknown) => boolean> {
  if (privacy !== false && Object.keys(privacy).length > 0) return new Map();
  const one = (constant: unknown) => (value: unknown) => value === constant;
  const isNumber = (value: unknown): boolean => typeof value === "number";
  return new Map([
    ["$app", one(DEFAULTS.appName)],
    ["$app_version", (value: unknown) => typeof value === "string" && VERSION.test(value)],
    ["$build_mode", (value: unknown) => value === "debug" || value === "release"],
    ["$process_person_profile", one(false)],
    ["$geoip_disable", one(true)],
    ["duration_ms", isNumber],
    ["status_code", isNumber],
    ["span_name", one(`land:${tier}:session:start`)],
    ["pid", one(String(process.pid))],
    ["os", one(rustOs(process.platform))],
    ["arch", one(rustArch(process.arch))],
  ]);
}

const VERSION = /^\d{1,5}\.\d{1,5}\.\d{1,5}$/;

function homeOf(): string | undefined {
  try {
    return homedir() || undefined;
  } catch {
    return undefined;
  }
}
