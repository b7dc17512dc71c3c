import { Agents } from "./agents.js";

/** The HTTP side of a courier; with the first request, since a process starts without one. */
export function createAgents(): Agents {
  return new Agents();
}
