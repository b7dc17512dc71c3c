import type { Receiver } from "./support/receiver.js";
import { startReceiver } from "./support/receiver.js";
import { pipesTo, runApp } from "./support/runApp.js";

let receiver: Receiver;
beforeEach(async () => (receiver = await startReceiver()));
afterEach(() => receiver.close());

const PROGRAM = `import { register, shutdown, stats, Tier, withSpan } from "land-telemetry";
  const { tracer } = register(Tier.Cocoon);
  const ordinary = tracer.startSpan("ordinary"); const sampled = (ordinary.spanContext().traceFlags & 1) === 1; ordinary.end();
  try { withSpan("failing", () => { throw new Error("x"); }); } catch {}
  await shutdown(5000);
  console.log(JSON.stringify({ sampled, accepted: stats().otlp.accepted }));`;

const run = async (env: Record<string, string>) =>
  JSON.parse(
    (await runApp(PROGRAM, { env: { ...pipesTo(receiver.url), ...env } })).stdout,
  ) as unknown;

describe("head sampling", () => {
  it("keeps all spans unless told otherwise", async () => {
    expect(await run({})).toEqual({ sampled: true, accepted: 4 });
  });

  it("still mirrors failures and the session as events if it exports no spans", async () => {
    expect(await run({ OTEL_TRACES_SAMPLER: "always_off" })).toEqual({
      sampled: false,
      accepted: 0,
    });
    expect(receiver.spans()).toEqual([]);
    expect(
      receiver
        .events()
        .map(({ event }) => event)
        .sort(),
    ).toEqual(["land:cocoon:error", "land:cocoon:session:end", "land:cocoon:session:start"]);
  });

  it.each([
    ["traceidratio", "0", 0],
    ["parentbased_traceidratio", "1", 4],
    ["no_such_sampler", "", 4],
    ["traceidratio", "7", 4],
  ])("follows OTEL_TRACES_SAMPLER=%s with %s, if usable", async (sampler, argument, accepted) => {
    expect(
      await run({ OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: argument }),
    ).toMatchObject({ accepted });
  });
});
