import type { Tier } from "../resource/Tier.js";
import { collectProblems } from "../shared/diagnostics.js";
import { globalState } from "../shared/globalState.js";
import { report } from "../shared/report.js";
import type { Telemetry } from "../shared/Runtime.js";
import { tracerOf } from "./startTracing.js";

/** What `register` returns, without the problems found in the settings. */
export type Registered = Omit<Telemetry, "problems">;

/** Registers once in a page or a worker, and never throws. `start` may add to the problems later. */
export function quietRegister(
  fallback: Tier,
  start: (problems: string[]) => Registered,
): Telemetry {
  const problems: string[] = [];
  const { result, problems: found } = collectProblems((): Registered => {
    const { runtime } = globalState();
    if (runtime !== undefined) {
      const { tier, tracer, sessionId } = runtime;
      const reason = `This page or worker is already registered as ${tier}; this call changed nothing.`;
      return { status: "already-registered", reason, tracer, sessionId };
    }
    try {
      return start(problems);
    } catch (error) {
      // An option of an unforeseen kind costs the page its telemetry, and nothing else.
      const reason = "The options cannot be used.";
      report("error", `${reason} No telemetry is sent.`, error);
      return { status: "disabled", reason, tracer: tracerOf(fallback) };
    }
  });
  problems.push(...found);
  return { ...result, problems };
}
