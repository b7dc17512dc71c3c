import { SamplingDecision } from "@opentelemetry/sdk-trace-base";
import type { Sampler, SpanProcessor } from "@opentelemetry/sdk-trace-base";
import { diagnoseSetting } from "../shared/diagnostics.js";
import { readMember } from "../shared/readMember.js";
import { report } from "../shared/report.js";

const DECISIONS: ReadonlySet<unknown> = new Set(Object.values(SamplingDecision));

/**
 * A sampler of the host's that decides for every span: where it throws, or says what is no decision, the span is
 * recorded and sent, as without a sampler. It is said once.
 */
export function guardSampler(sampler: Sampler): Sampler {
  const once = reportOnce("sampler");
  return {
    shouldSample(...args) {
      try {
        const result = sampler.shouldSample(...args);
        if (DECISIONS.has(result.decision)) return result;
        once("shouldSample gives no decision");
      } catch (error) {
        once("shouldSample throws", error);
      }
      return { decision: SamplingDecision.RECORD_AND_SAMPLED };
    },
    toString: () => "HostSampler",
  };
}

/** The processors of the host's that have what the SDK calls of one; what they throw for a span is theirs, and said once. */
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

/** Says once what a part of the host's does wrong, at most: it may do so for each span. */
function reportOnce(part: string): (what: string, error?: unknown) => void {
  let isReported = false;
  return (what, error) => {
    if (isReported) return;
    isReported = true;
    report("error", `the host's ${part}: ${what}; its spans are sent all the same`, error);
  };
}
