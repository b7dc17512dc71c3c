import { classify, isProtocolMethod } from "../../../lib/carriers/jsonrpc/JsonRpcMessage.js";

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
      { kind: "cancel", id: 1 },
    ],
    [
      { method: "$/cancelRequest", params: { id: {} } },
      { kind: "cancel", id: undefined },
    ],
    [
      { method: "$/cancelRequest", params: null },
      { kind: "cancel", id: undefined },
    ],
    [
      { method: "$/cancelRequest", params: "1" },
      { kind: "cancel", id: undefined },
    ],
    [{ method: "$/cancelRequest" }, { kind: "cancel", id: undefined }],
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
  ])("%j", (message, kind) => {
    expect(classify(message)).toEqual(kind);
  });

  it("is of the protocol itself by its method's first two letters", () => {
    expect(
      ["$/progress", "$/", "$progress", "/progress", "x$/progress"].map(isProtocolMethod),
    ).toEqual([true, true, false, false, false]);
  });
});
