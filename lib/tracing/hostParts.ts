import { SamplingDecision } from "@opentelemetry/sdk-trace-base";
import type { Sampler, SpanProcessor } from "@opentelemetry/sdk-trace-base";
import { diagnoseSetting } from "../shared/diagnostics.js";
import { readMember } from "../shared/readMember.js";
import { report } from "../shared/report.js";

const DECISIONS: ReadonlySet<unknown> = new Set(Object.values(SamplingDecision));

/**
 * Wraps the host's sampler so that there is a decision for every span: if it throws or returns no valid decision, the
 * span is recorded and sent, as without a sampler. The first such failure is reported.
 */
export function guardSampler(sampler: Sampler): Sampler {
  const once = reportOnce("sampler");
  return {
    shouldSample(...args) {
      try {
        const result = sampler.shouldSample(...args);
        if (DECISIONS.has(result.decision)) return result;
        once("shouldSample returns no valid decision");
      } catch (error) {
        once("shouldSample throws", error);
      }
      return { decision: SamplingDecision.RECORD_AND_SAMPLED };
    },
    toString: () => "HostSampler",
  };
}

/** Wraps the host's span processors and drops invalid ones. What one throws for a span is caught and reported once. */
export function guardProcessors(processors: readonly SpanProcessor[]): SpanProcessor[] {
  return processors.flatMap((processor: unknown) => {
    const has = (name: string): boolean => typeof readMember(processor, name) === "function";
    if (has("onStart") && has("onEnd"))
      return [guardProcessor(processor as SpanProcessor, has("onEnding"))];
    diagnoseSetting("spanProcessors", processor, "span processors", "It is left out.");
    return [];
  });
}

function guardProcessor(processor: SpanProcessor, hasOnEnding: boolean): SpanProcessor {
  const once = reportOnce("span processor");
  const guarded = <T>(name: string, work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      once(`${name} throws`, error);
      return undefined;
    }
  };
  return {
    onStart: (span, parent) => guarded("onStart", () => processor.onStart(span, parent)),
    ...(hasOnEnding
      ? { onEnding: (span) => guarded("onEnding", () => processor.onEnding?.(span)) }
      : {}),
    onEnd: (span) => guarded("onEnd", () => processor.onEnd(span)),
    forceFlush: () => processor.forceFlush(),
    shutdown: () => processor.shutdown(),
  };
}

/** Returns a function that reports only the first failure of a host's part, since it may fail for every span. */
function reportOnce(part: string): (what: string, error?: unknown) => void {
  let isReported = false;
  return (what, error) => {
    if (isReported) return;
    isReported = true;
    report("error", `the host's ${part}: ${what}; its spans are still sent`, error);
  };
}
