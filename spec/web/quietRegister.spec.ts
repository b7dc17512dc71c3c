import type { DiagLogger } from "@opentelemetry/api";
import { diag } from "@opentelemetry/api";
import { Tier } from "../../lib/resource/Tier.js";
import type { Runtime } from "../../lib/shared/Runtime.js";
import { diagnoseSetting } from "../../lib/shared/diagnostics.js";
import { globalState } from "../../lib/shared/globalState.js";
import { quietRegister } from "../../lib/web/quietRegister.js";
import { tracerOf } from "../../lib/web/startTracing.js";

afterEach(() => {
  delete globalState().runtime;
  diag.disable();
});

it("returns what was started, with the problems found then and later", () => {
  let more: string[] = [];
  const started = {
    status: "registered",
    reason: "It is on.",
    tracer: tracerOf(Tier.Sky),
  } as const;
  const telemetry = quietRegister(Tier.Sky, (problems) => {
    more = problems;
    diagnoseSetting("Emit", "maybe", "true, false", "It is off.");
    return started;
  });
  more.push("later");
  expect(telemetry).toEqual({
    ...started,
    problems: [expect.stringMatching(/^Emit="maybe" is not usable/), "later"],
  });
});

it("is off if it cannot start, and says so", () => {
  const error = jest.fn();
  diag.setLogger({ error } as object as DiagLogger);
  const failure = new TypeError("unforeseen");
  const telemetry = quietRegister(Tier.Sky, () => {
    throw failure;
  });
  expect(telemetry).toMatchObject({ status: "disabled", reason: "The options cannot be used." });
  const line = "land-telemetry: The options cannot be used. No telemetry is sent.";
  expect(error).toHaveBeenLastCalledWith(line, failure);
});

it("starts nothing a second time", () => {
  const tracer = tracerOf(Tier.Wind);
  globalState().runtime = { tier: "wind", tracer, sessionId: "one" } as Runtime;
  const start = jest.fn();
  expect(quietRegister(Tier.Sky, start)).toMatchObject({
    status: "already-registered",
    reason: expect.stringContaining("already registered as wind"),
    tracer,
    sessionId: "one",
    problems: [],
  });
  expect(start).not.toHaveBeenCalled();
});
