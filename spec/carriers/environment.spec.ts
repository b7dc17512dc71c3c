import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { buildSync } from "esbuild";
import { childEnvironment, parentContext } from "../../lib/environment.js";
import { extract } from "../../lib/carriers/headers.js";
import { contextWith, inSession, SPAN_ID, TRACEPARENT } from "./contexts.js";

describe("the environment of a child process", () => {
  it("carries the context in three variables, beside a copy of the given ones", () => {
    const env = Object.freeze({ PATH: "/bin", EMPTY: "", GONE: undefined });
    const context = extract(
      { traceparent: TRACEPARENT, tracestate: "foo=1", baggage: "a=1" },
      ROOT_CONTEXT,
    );
    expect(childEnvironment(env, context)).toEqual({
      PATH: "/bin",
      EMPTY: "",
      TRACEPARENT,
      TRACESTATE: "foo=1",
      BAGGAGE: "a=1",
    });
  });

  it("is a copy of process.env by default, which stays unchanged", () => {
    const before = { ...process.env };
    expect(childEnvironment(undefined, contextWith())).toEqual({ ...before, TRACEPARENT });
    expect({ ...process.env }).toEqual(before);
  });

  it("does not pass on this process's own parent", () => {
    const env = { TRACEPARENT, TRACESTATE: "foo=1", PATH: "/bin" };
    expect(childEnvironment(env, ROOT_CONTEXT)).toEqual({ PATH: "/bin" });
    const context = extract(
      { traceparent: `00-${"1".repeat(32)}-${"2".repeat(16)}-00` },
      ROOT_CONTEXT,
    );
    expect(childEnvironment(env, context)).toEqual({
      PATH: "/bin",
      TRACEPARENT: `00-${"1".repeat(32)}-${"2".repeat(16)}-00`,
    });
  });

  it("keeps its baggage unless the context has some", () => {
    expect(childEnvironment({ BAGGAGE: "a=1" }, ROOT_CONTEXT)).toEqual({ BAGGAGE: "a=1" });
    expect(childEnvironment({ BAGGAGE: "a=1" }, contextWith({ b: "2" }))).toEqual({
      TRACEPARENT,
      BAGGAGE: "b=2",
    });
  });

  it("always carries the session", () => {
    expect(inSession("s-1", () => childEnvironment({}, ROOT_CONTEXT))).toEqual({
      BAGGAGE: "session.id=s-1",
    });
    expect(inSession("s-1", () => childEnvironment({ BAGGAGE: "a=1" }, contextWith()))).toEqual({
      TRACEPARENT,
      BAGGAGE: "a=1,session.id=s-1",
    });
    expect(
      inSession("s-1", () => childEnvironment({ BAGGAGE: "session.id=?,a=1" }, ROOT_CONTEXT)),
    ).toEqual({ BAGGAGE: "session.id=s-1,a=1" });
    expect(
      inSession("s-1", () => childEnvironment({}, contextWith({ "session.id": "theirs" }))),
    ).toEqual({ TRACEPARENT, BAGGAGE: "session.id=s-1" });
  });

  it("keeps every other variable, whatever its name", () => {
    const env = JSON.parse('{"__proto__":"1","constructor":"2","traceparent":"3"}') as Record<
      string,
      string
    >;
    expect(Object.entries(childEnvironment(env, ROOT_CONTEXT))).toEqual(Object.entries(env));
  });

  it("tolerates a value that is not an environment", () => {
    for (const env of [
      null,
      7,
      "text",
      new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error("spec");
          },
        },
      ),
    ]) {
      expect(childEnvironment(env as never, contextWith())).toEqual(expect.any(Object));
      expect(parentContext(env as never)).toBe(ROOT_CONTEXT);
    }
  });

  it("is read strictly, and only under the specification's names", () => {
    expect(trace.getSpanContext(parentContext({ TRACEPARENT }))).toMatchObject({
      spanId: SPAN_ID,
      isRemote: true,
    });
    expect(parentContext({ traceparent: TRACEPARENT })).toBe(ROOT_CONTEXT);
    expect(parentContext({ TRACEPARENT: TRACEPARENT.toUpperCase() })).toBe(ROOT_CONTEXT);
    expect(parentContext({})).toBe(ROOT_CONTEXT);
  });

  describe("in a real process", () => {
    const directory = mkdtempSync(join(tmpdir(), "land-telemetry-"));
    const script = join(directory, "child.cjs");
    beforeAll(() => {
      buildSync({
        entryPoints: [join(__dirname, "environment.child.ts")],
        bundle: true,
        platform: "node",
        outfile: script,
        logLevel: "error",
      });
    });
    afterAll(() => rmSync(directory, { recursive: true }));

    it("arrives whole", () => {
      const env = inSession("s-1", () =>
        childEnvironment(process.env, contextWith({ note: "ä, b = c;" })),
      );
      const received: unknown = JSON.parse(
        execFileSync(process.execPath, [script], { env, encoding: "utf8" }),
      );
      expect(received).toEqual({
        spanId: SPAN_ID,
        baggage: { note: "ä, b = c;", "session.id": "s-1" },
      });
    });
  });
});
