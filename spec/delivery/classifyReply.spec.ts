import { gzipSync } from "node:zlib";
import { classifyReply } from "../../lib/delivery/classifyReply";
import type { HttpReply } from "../../lib/delivery/HttpTransport";

const reply = (given: Partial<HttpReply>): { reply: HttpReply } => ({
  reply: { status: 200, headers: {}, body: Buffer.alloc(0), cut: false, ...given },
});

describe("a 2xx reply", () => {
  it.each([
    ["", {}],
    [" \r\n", {}],
    ["{}", {}],
    ['{"status": "Ok"}', {}],
    ["1", {}],
    ["OK", {}],
    ["Accepted.", {}],
    [Buffer.from([8, 255, 0]), { "content-type": "application/x-protobuf" }],
    [Buffer.from([0, 1, 2]), { "content-type": "application/octet-stream" }],
    [gzipSync("{}"), { "content-encoding": "gzip" }],
  ])("acknowledges with %j and %j", (body, headers) => {
    expect(classifyReply(reply({ body: Buffer.from(body as string), headers }))).toMatchObject({
      kind: "delivered",
      rejected: 0,
    });
  });

  it.each([
    ["<html>Welcome to the hotel</html>", {}],
    [Buffer.from([8, 255, 0]), {}],
    ["no", { "content-type": "application/json" }],
  ])("acknowledges nothing with %j and %j", (body, headers) => {
    const given = reply({ body: Buffer.from(body as string), headers });
    expect(classifyReply(given)).toEqual({ kind: "retry", reason: "garbage" });
  });

  it("acknowledges nothing when it was cut", () => {
    const given = reply({ headers: { "content-type": "application/x-protobuf" }, cut: true });
    expect(classifyReply(given)).toEqual({ kind: "retry", reason: "garbage" });
  });

  it.each([
    [3, 3],
    [-3, 0],
    [NaN, 0],
    [1.5, 0],
    [undefined, 0],
  ])("of which the format reads %p rejected items has %p", (rejected, expected) => {
    const format = {
      readReply: () => (rejected === undefined ? {} : { rejected, message: "old" }),
    };
    expect(classifyReply(reply({}), format)).toMatchObject({
      kind: "delivered",
      rejected: expected,
      ...(rejected === undefined ? {} : { message: "old" }),
    });
  });
});

describe("any other reply", () => {
  it.each([
    [100, { kind: "retry", reason: "garbage" }],
    [302, { kind: "final", reason: "redirect", divisible: false }],
    [400, { kind: "final", reason: "http_400", divisible: true }],
    [404, { kind: "final", reason: "http_404", divisible: false }],
    [408, { kind: "retry", reason: "http_408" }],
    [500, { kind: "retry", reason: "http_500" }],
  ])("of status %i is %j", (status, expected) => {
    expect(classifyReply(reply({ status }))).toEqual(expected);
  });
});

describe("Retry-After", () => {
  beforeEach(() => jest.spyOn(Date, "now").mockReturnValue(Date.UTC(2026, 0, 1)));
  afterEach(() => jest.restoreAllMocks());

  it.each([
    ["120", 120_000],
    [" 0 ", 0],
    ["Thu, 01 Jan 2026 00:00:30 GMT", 30_000],
    ["Thu, 01 Jan 2015 00:00:30 GMT", 0],
    ["", undefined],
    ["soon", undefined],
    ["-5", undefined],
    ["1.5", undefined],
    ["99999999999", undefined],
    [undefined, undefined],
  ])("%p is %p ms", (header, expected) => {
    const headers = header === undefined ? {} : { "retry-after": header };
    const outcome = classifyReply(reply({ status: 429, headers }));
    expect("retryAfterMs" in outcome ? outcome.retryAfterMs : undefined).toBe(expected);
  });
});
