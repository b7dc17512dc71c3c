import { homedir } from "node:os";
import { userName } from "../identity/distinctId.js";
import { createRedactor } from "../privacy/createRedactor.js";
import type { Redactor } from "../privacy/Redactor.js";
import type { Configuration } from "./Configuration.js";

/** The redactor that a configuration wants, with what the operating system knows of the user. */
export function redactorOf({ privacy }: Configuration): Redactor {
  if (privacy === false) return createRedactor({ enabled: false });
  const user = userName(process.env);
  const home = homeOf();
  return createRedactor(privacy, { ...(user === "unknown" ? {} : { user }), ...(home === undefined ? {} : { home }) });
}

function homeOf(): string | undefined {
  try {
    return homedir() || undefined;
  } catch {
    return undefined;
  }
}
