import { runApp } from "../support/runApp.js";

const PROGRAM = `
  import { context, propagation, ROOT_CONTEXT } from "@opentelemetry/api";
  import { extract, inject, register, shutdown, Tier } from "land-telemetry";
  register(Tier.Cocoon);
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const headers = [];
  for (const baggage of ["session.id=theirs", "session.id=theirs,note=kept", "note=kept"]) {
    const from = extract({ traceparent, baggage }, ROOT_CONTEXT);
    const outside = {};
    propagation.inject(from, outside);
    headers.push({ outside: outside.baggage, traceparent: outside.traceparent === traceparent, tier: inject({}, from).baggage.replace(/session\\.id=(?!theirs)[^,]+/, "session.id=own") });
    if (propagation.getBaggage(from).getEntry("note")?.value !== "kept" && baggage.includes("note")) throw new Error("the context was changed");
  }
  console.log(JSON.stringify(headers));
  await shutdown();`;

describe("the session of the run", () => {
  it("is passed on to other tiers, but not written by the global propagator", async () => {
    const { stdout, stderr } = await runApp(PROGRAM, {
      env: { Capture: "true", Emit: "true", Pipe: "http://127.0.0.1:9" },
    });
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual([
      { traceparent: true, tier: "session.id=theirs" },
      { outside: "note=kept", traceparent: true, tier: "session.id=theirs,note=kept" },
      { outside: "note=kept", traceparent: true, tier: "note=kept,session.id=own" },
    ]);
  });
});
