import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Receiver, WireEvent } from "./support/receiver.js";
import { startReceiver } from "./support/receiver.js";
import { pipesTo, runApp } from "./support/runApp.js";

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

const HEAD = `
import { captureError, flush, register, withSpan } from "land-telemetry";
const telemetry = register({ tier: "cocoon", posthog: { errorTracking: true } });
`;
/** Runs a program until it ends or dies; a second run sends what the first could not. */
async function errorsOf(program: string): Promise<readonly WireEvent[]> {
  const spool = mkdtempSync(join(tmpdir(), "land-origins-"));
  try {
    const given = { ...pipesTo(receiver.url), LAND_TELEMETRY_SPOOL: spool };
    await runApp(`${HEAD}${program}`, { env: given });
    await runApp(`${HEAD} await flush(10_000);`, { env: given });
  } finally {
    rmSync(spool, { recursive: true, force: true });
  }
  return receiver.events().filter(({ event }) => event === "land:cocoon:error");
}
const exceptions = (): readonly WireEvent[] =>
  receiver.events().filter(({ event }) => event === "$exception");

const THROWN = `new TypeError("outer", { cause: new RangeError("middle", { cause: new Error("inner", { cause: "root" }) }) })`;
const CAUSES = [
  { type: "RangeError", message: "middle", relation: "cause", of: 0 },
  { type: "Error", message: "inner", relation: "cause", of: 1 },
  { type: "string", message: "root", relation: "cause", of: 2 },
];

describe("an error event, whatever its origin", () => {
  it.each([
    [
      "an uncaught error",
      `setImmediate(() => { throw ${THROWN}; });`,
      "uncaught",
      "uncaughtException",
    ],
    ["a rejection", `Promise.reject(${THROWN});`, "rejection", "unhandledRejection"],
    [
      "a rejection that the host listens for",
      `process.on("unhandledRejection", () => undefined); Promise.reject(${THROWN});`,
      "rejection",
      "unhandledRejection",
    ],
    [
      "a rejection that the host's listener reports",
      `process.on("unhandledRejection", (error) => captureError("mine", error)); Promise.reject(${THROWN});`,
      "rejection",
      "mine",
    ],
    ["captureError", `captureError("saving", ${THROWN});`, "captureError", "saving"],
    [
      "a failed span",
      `try { withSpan("work", () => { throw ${THROWN}; }); } catch {}`,
      "span",
      "TypeError",
    ],
  ])(
    "is sent once for %s, with class, frames, causes, handled and origin",
    async (_kind, program, origin, tag) => {
      const handled = origin === "span" || origin === "captureError";
      const errors = await errorsOf(program);
      expect(errors.map(({ properties }) => properties)).toEqual([
        expect.objectContaining({
          error_tag: tag,
          error_message: "outer",
          error_type: "TypeError",
          error_stack: expect.stringMatching(/^ {4}at .*:\d+:\d+/),
          error_handled: handled,
          error_origin: origin,
          error_causes: CAUSES.map((cause) => expect.objectContaining(cause) as object),
        }),
      ]);
      // The frames of this package are left out.
      expect(JSON.stringify(receiver.events())).not.toContain("shared-");
      expect(exceptions().map(({ properties }) => properties)).toEqual([
        expect.objectContaining({ $exception_level: handled ? "error" : "fatal" }),
      ]);
    },
  );

  it("has the stack of the call if a string is captured", async () => {
    const [error] = await errorsOf(
      `function save() { captureError("saving", "disk full"); } save();`,
    );
    expect(error?.properties).toMatchObject({
      error_type: "string",
      error_message: "disk full",
      error_stack: expect.stringMatching(/^ {4}at save /),
    });
  });
});

describe("an error captured in a span", () => {
  it("is recorded on the span, and changes neither its status nor what it fails with later", async () => {
    const errors = await errorsOf(`
      withSpan("fine", () => captureError("saving", new TypeError("disk full")));
      withSpan("failing", (span) => {
        captureError("reading", new TypeError("no disk"));
        span.setStatus({ code: 2, message: "gave up" });
      });
      await flush(5_000);`);
    const spans = receiver.spans().filter(({ name }) => name === "fine" || name === "failing");
    expect(spans.map(({ name, status }) => [name, status.code])).toEqual([
      ["fine", 0],
      ["failing", 2],
    ]);
    expect(spans[0]?.events).toMatchObject([
      {
        name: "exception",
        attributes: [
          { key: "exception.type", value: { stringValue: "TypeError" } },
          { key: "exception.message", value: { stringValue: "disk full" } },
          { key: "exception.stacktrace" },
          { key: "land.error_tag", value: { stringValue: "saving" } },
        ],
      },
    ]);
    expect(
      errors.map(({ properties }) => [properties["error_tag"], properties["error_message"]]).sort(),
    ).toEqual([
      ["failing", "gave up"],
      ["reading", "no disk"],
      ["saving", "disk full"],
    ]);
  });
});

describe("the attributes that join events and spans in PostHog", () => {
  const joinsOf = (name: string): Record<string, unknown> =>
    Object.fromEntries(
      receiver
        .spans()
        .find((span) => span.name === name)
        ?.attributes.map(({ key, value }) => [key, value["stringValue"]]) ?? [],
    );

  it("are on every event and every span", async () => {
    const env = pipesTo(receiver.url);
    const { stdout } = await runApp(
      `${HEAD} withSpan("work", () => captureError("t", "x"));
      withSpan("mine", { attributes: { sessionId: "mine" } }, () => undefined);
      console.log(telemetry.sessionId, register("cocoon").sessionId); await flush(5_000);`,
      { env },
    );
    const [session, again] = stdout.trim().split(" ");
    expect(session).toMatch(UUID_V7);
    expect(again).toBe(session);
    const events = receiver.events();
    expect(events.map(({ event }) => event)).toContain("$exception");
    for (const { properties } of events) expect(properties["$session_id"]).toBe(session);
    expect(joinsOf("work")).toMatchObject({ sessionId: session, posthogDistinctId: "someone" });
    expect(joinsOf("land:cocoon:session:start")).toMatchObject({ sessionId: session });
    expect(joinsOf("mine")).toMatchObject({ sessionId: "mine" });
  });

  it("name nobody while the events are off", async () => {
    await runApp(`${HEAD} withSpan("work", () => undefined); await flush(5_000);`, {
      env: { ...pipesTo(receiver.url), Report: "false", USER: "quimby", Brand: "" },
    });
    expect(Object.keys(joinsOf("work"))).toEqual(["sessionId"]);
    expect(receiver.requests.map(({ body }) => body).join("")).not.toContain("quimby");
  });

  it("hold the parent's session id, whatever its form", async () => {
    await runApp(`${HEAD} withSpan("work", () => undefined); await flush(5_000);`, {
      env: { ...pipesTo(receiver.url), BAGGAGE: "session.id=parents-session" },
    });
    expect(joinsOf("work")).toMatchObject({ sessionId: "parents-session" });
    expect(receiver.events()[0]?.properties["$session_id"]).toBe("parents-session");
  });
});

describe("spans sent straight to PostHog", () => {
  it("arrive at its OTLP path, with the project key", async () => {
    await runApp(`${HEAD} withSpan("work", () => undefined); await flush(5_000);`, {
      env: {
        ...pipesTo(receiver.url),
        Pipe: `${receiver.url}/i`,
        OTEL_EXPORTER_OTLP_HEADERS: "Authorization=Bearer phc_test",
      },
    });
    const request = receiver.requests.find(({ path }) => path.endsWith("/v1/traces"));
    expect(request).toMatchObject({
      method: "POST",
      path: "/i/v1/traces",
      headers: { authorization: "Bearer phc_test" },
    });
    expect(receiver.spans().map(({ name }) => name)).toContain("work");
  });
});
