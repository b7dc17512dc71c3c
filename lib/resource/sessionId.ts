import type { Context } from "@opentelemetry/api";
import { propagation } from "@opentelemetry/api";
import { randomUuid } from "../shared/builtins.js";
import { ATTR_SESSION_ID } from "./semanticConventions.js";

/** What a session id may look like when it comes from another process; anything else is not taken over. */
const SESSION_ID = /^[\w-]{8,64}$/;

/** The session id that the parent process handed down in its baggage, else a new one. */
export function sessionIdOf(parent: Context): string {
  const inherited = propagation.getBaggage(parent)?.getEntry(ATTR_SESSION_ID)?.value;
  return inherited !== undefined && SESSION_ID.test(inherited) ? inherited : randomUuid();
}
