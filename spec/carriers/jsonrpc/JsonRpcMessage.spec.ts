import {
  classify,
  isProtocolMethod,
  metaOf,
  withMeta,
} from "../../../lib/carriers/jsonrpc/JsonRpcMessage.js";

describe("a JSON-RPC message", () => {
  it.each<[object, unknown]>([
    [
      { id: 1, method: "hover" },
      { kind: "request", id: 1, method: "hover" },
    ],
    [
      { id: 0, method: "hover" },
      { kind: "request", id: 0, method: "hover" },
    ],
    [
      { id: "a", method: "$/cancelRequest" },
      { kind: "request", id: "a", method: "$/cancelRequest" },
    ],
    [{ method: "changed" }, { kind: "notification", method: "changed" }],
    [{ method: "$/progress" }, { kind: "notification", method: "$/progress" }],
    [
      { method: "$/cancelRequest", params: { id: 1 } },
      { kind: "cancel", id: 1, isAnswered: true },
    ],
    [
      { method: "$/cancelRequest", params: { id: {} } },
      { kind: "cancel", id: undefined, isAnswered: true },
    ],
    [
      { method: "$/cancelRequest", params: null },
      { kind: "cancel", id: undefined, isAnswered: true },
    ],
    [
      { method: "$/cancelRequest", params: "1" },
      { kind: "cancel", id: undefined, isAnswered: true },
    ],
    [
      { method: "notifications/cancelled", params: { requestId: 1 } },
      { kind: "cancel", id: 1, isAnswered: false },
    ],
    [
      { method: "notifications/cancelled", params: { id: 1 } },
      { kind: "cancel", id: undefined, isAnswered: false },
    ],
    [{ method: "$/cancelRequest" }, { kind: "cancel", id: undefined, isAnswered: true }],
    [
      { id: 1, result: null },
      { kind: "response", id: 1, error: undefined },
    ],
    [
      { id: "", result: 5 },
      { kind: "response", id: "", error: undefined },
    ],
    [
      { id: 1, error: { code: -32601, message: "no such method" } },
      { kind: "response", id: 1, error: { code: -32601, message: "no such method" } },
    ],
    [
      { id: 1, error: {} },
      { kind: "response", id: 1, error: { code: undefined, message: "" } },
    ],
    [
      { id: 1, error: { code: "1", message: 2 } },
      { kind: "response", id: 1, error: { code: undefined, message: "" } },
    ],
    [
      { id: 1, error: null },
      { kind: "response", id: 1, error: undefined },
    ],
    [
      { id: 1, error: "failed" },
      { kind: "response", id: 1, error: undefined },
    ],
    [{ id: null, method: "hover" }, undefined],
    [{ id: {}, method: "hover" }, undefined],
    [{ id: null, result: 1 }, undefined],
    [
      { id: 1, method: 5 },
      { kind: "response", id: 1, error: undefined },
    ],
    [{}, undefined],
  ])("is classified by its members: %j", (message, kind) => {
    expect(classify(message)).toEqual(kind);
  });

  it("belongs to the protocol itself if its method begins with $/", () => {
    expect(
      ["$/progress", "$/", "$progress", "/progress", "x$/progress"].map(isProtocolMethod),
    ).toEqual([true, true, false, false, false]);
  });
});

describe("a carrier in params._meta", () => {
  const carrier = { traceparent: "new", baggage: "new" };

  it.each<[string, object, object]>([
    ["no parameters", {}, { params: { _meta: carrier } }],
    ["parameters", { params: { a: 1 } }, { params: { a: 1, _meta: carrier } }],
    [
      "a _meta, which stays",
      { params: { _meta: { progressToken: 1, baggage: "old" } } },
      { params: { _meta: { traceparent: "new", progressToken: 1, baggage: "old" } } },
    ],
  ])("is added, in a copy, to a message with %s", (_what, given, expected) => {
    const frozen = Object.freeze({ id: 1, method: "m", ...given });
    expect(withMeta(frozen, carrier)).toEqual({ id: 1, method: "m", ...expected });
    expect(metaOf(withMeta(frozen, carrier))).toMatchObject({ traceparent: "new" });
  });

  it.each<[string, unknown]>([
    ["an array", [1]],
    ["null", null],
    ["a text", "a"],
    ["an instance of a class", new Date(0)],
    ["a _meta that is none", { _meta: 1 }],
    ["an array as _meta", { _meta: [] }],
    ["a context of their own", { _meta: { traceparent: "old" } }],
  ])("is not added to parameters that are or have %s", (_what, params) => {
    const message = { id: 1, method: "m", params };
    expect(withMeta(message, carrier)).toBe(message);
  });

  it.each([{}, { params: null }, { params: [] }, { params: "a" }, { params: { _meta: null } }])(
    "is not found in %j",
    (message) => expect(metaOf(message) ?? undefined).toBeUndefined(),
  );
});
