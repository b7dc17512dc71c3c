import { homedir } from "node:os";
import { userName } from "../resource/distinctId.js";
import { createRedactor } from "../redaction/createRedactor.js";
import type { Redactor } from "../redaction/Redactor.js";
import type { Configuration } from "./Configuration.js";

/** The redactor that a configuration wants, with what the operating system knows of the user. */
export function redactorOf({ privacy }: Configuration): Redactor {
  const user = userName(process.env);
  return createRedactor(privacy, { user: user === "unknown" ? undefined : user, home: homeOf() });
}

function homeOf(): string | undefined {
  try {
    return homedir() || undefined;
  } catch {
    return undefined;
  }
}
