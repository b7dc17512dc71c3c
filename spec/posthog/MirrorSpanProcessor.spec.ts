import { SpanStatusCode } from "@opentelemetry/api";
import type { ReadableSpan, Span } from "@opentelemetry/sdk-trace-base";
import { MirrorSpanProcessor } from "../../lib/posthog/MirrorSpanProcessor.js";
import { PostHogMirrorSpanProcessor } from "../../lib/posthog/PostHogMirrorSpanProcessor.js";
import { globalState } from "../../lib/shared/globalState.js";
import * as timers from "../../lib/shared/timers.js";
import { keepDiagnostics } from "../support/diagnostics.js";
import { configure, contextOf, ended, Sink } from "./support.js";

let sink: Sink;
let processor: MirrorSpanProcessor;
beforeEach(() => {
  sink = new Sink();
  processor = new MirrorSpanProcessor(contextOf(sink, configure()));
  globalState().sessionMirrored = false;
});

const FAILED = { status: { code: SpanStatusCode.ERROR, message: "no such file" } };

function end(span: ReadableSpan): void {
  processor.onEnding(span as unknown as Span);
  processor.onEnd(span);
}

describe("the mirror", () => {
  it("records that the session start is mirrored only once it has sent that event", () => {
    end(ended(FAILED));
    expect(sink.sent.map(({ event }) => event)).toEqual(["land:cocoon:error"]);
    expect(globalState().sessionMirrored).toBe(false);
    end(ended({ name: "land:cocoon:session:start" }));
    expect(sink.sent.map(({ event }) => event)).toContain("land:cocoon:session:start");
    expect(globalState().sessionMirrored).toBe(true);
  });

  it("makes an event from what can be read of a span that violates the interface", () => {
    const span = new Proxy(ended(FAILED), {
      get(target, key) {
        if (key === "events" || key === "links") throw new Error("not here");
        const member: unknown = Reflect.get(target, key);
        return typeof member === "function" ? (member as () => void).bind(target) : member;
      },
    });
    end(span);
    expect(sink.sent.map(({ properties }) => properties["error_message"])).toEqual([
      "no such file",
    ]);
  });

  it("says why it does nothing on a host's own provider", () => {
    const { messages, stop } = keepDiagnostics();
    new PostHogMirrorSpanProcessor({ posthog: { enabled: false, key: "phc_test" } });
    stop();
    expect(messages.join()).toContain("the mirror does nothing: ");
  });

  it("leaves no timer behind when it is shut down on a host's own provider", async () => {
    const token = { unref: () => token } as unknown as NodeJS.Timeout;
    jest.spyOn(timers, "setInterval").mockReturnValue(token);
    const cleared = jest.spyOn(timers, "clearInterval");
    const mirror = new PostHogMirrorSpanProcessor({
      posthog: { key: "phc_test", host: "http://127.0.0.1:9" },
      spool: false,
    });
    await mirror.shutdown();
    expect(cleared).toHaveBeenCalledWith(token);
    jest.restoreAllMocks();
  });
});
