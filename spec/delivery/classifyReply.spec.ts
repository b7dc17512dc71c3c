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
  ])("acknowledges the records with the body %j and the headers %j", (body, headers) => {
    expect(classifyReply(reply({ body: Buffer.from(body as string), headers }))).toMatchObject({
      kind: "delivered",
      rejected: 0,
    });
  });

  it.each([
    ["<html>Welcome to the hotel</html>", {}],
    [Buffer.from([8, 255, 0]), {}],
    ["no", { "content-type": "application/json" }],
    [gzipSync("<html>Welcome to the hotel</html>"), { "content-encoding": "gzip" }],
    [Buffer.from("no gzip"), { "content-encoding": "gzip" }],
    [gzipSync(Buffer.alloc(1_000_000, 0x20)), { "content-encoding": "gzip" }],
    ["{}", { "content-encoding": "of its own" }],
  ])("acknowledges nothing with the body %j and the headers %j", (body, headers) => {
    const given = reply({ body: Buffer.from(body as string), headers });
    expect(classifyReply(given)).toEqual({ kind: "retry", reason: "garbage" });
  });

  it("acknowledges nothing if it was cut off", () => {
    const given = reply({ headers: { "content-type": "application/x-protobuf" }, cut: true });
    expect(classifyReply(given)).toEqual({ kind: "retry", reason: "garbage" });
  });

  it.each([
    [3, 3],
    [-3, 0],
    [NaN, 0],
    [1.5, 0],
    [undefined, 0],
  ])("in which the format reads %p rejected items counts as %p", (rejected, expected) => {
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

/** JSON that endpoints send with a 200, whether or not they took everything. */
describe("a 2xx reply in JSON", () => {
  const refused = { kind: "final", reason: "refused", divisible: true };
  const later = { kind: "retry" };
  const unknown = { kind: "unknown", reason: "unknown" };

  it.each<[string, object]>([
    ['{"status":1}', { kind: "delivered" }],
    ['{"status":"Ok","quota_limited":[]}', { kind: "delivered" }],
    ['{"success":true}', { kind: "delivered" }],
    ['{"code":0,"message":"OK"}', { kind: "delivered" }],
    ['{"code":200}', { kind: "delivered" }],
    ['{"errors":[],"ok":true}', { kind: "delivered" }],
    ['{"status":0}', refused],
    ['{"status":0,"detail":"no such project"}', { ...refused, message: "no such project" }],
    ['{"success":false}', refused],
    ['{"status":"error"}', refused],
    ['{"error":{"message":"bad key"}}', { ...refused, message: "bad key" }],
    ['{"errors":["bad key"]}', refused],
    ['{"status":400}', refused],
    ['{"status":503}', later],
    ['{"code":429}', later],
    ['{"code":8,"message":"too many"}', { kind: "retry", reason: "grpc_8" }],
    ['{"code":14}', { kind: "retry", reason: "grpc_14" }],
    ['{"code":3,"message":"bad span"}', { kind: "final", reason: "grpc_3", divisible: true }],
    ['{"code":16}', { kind: "final", reason: "grpc_16", divisible: false }],
    ['{"hello":"world"}', unknown],
    ['{"code":"soon"}', unknown],
    ["[]", unknown],
    ["null", unknown],
    ["0", unknown],
  ])("is classified by its members: %s", (body, expected) => {
    expect(classifyReply(reply({ body: Buffer.from(body) }))).toMatchObject(expected);
  });
});

it("gives the endpoint's message for a refusal, unless it is a page or unprintable", () => {
  const words = (body: string) => classifyReply(reply({ status: 400, body: Buffer.from(body) }));
  expect(words('{"code":3,"message":"bad span"}')).toMatchObject({ message: "bad span" });
  expect(words("bad span\n")).toMatchObject({ message: "bad span" });
  for (const nothing of ["", "<html>400</html>", "\u0000\u0001"])
    expect(words(nothing)).toEqual({ kind: "final", reason: "http_400", divisible: true });
});

describe("any other reply", () => {
  it.each([
    [100, { kind: "retry", reason: "garbage" }],
    [302, { kind: "retry", reason: "redirect" }],
    [407, { kind: "retry", reason: "http_407" }],
    [425, { kind: "retry", reason: "http_425" }],
    [400, { kind: "final", reason: "http_400", divisible: true }],
    [404, { kind: "final", reason: "http_404", divisible: false }],
    [408, { kind: "retry", reason: "http_408" }],
    [500, { kind: "retry", reason: "http_500" }],
  ])("with status %i is classified as %j", (status, expected) => {
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
  ])("of %p means %p ms", (header, expected) => {
    const headers = header === undefined ? {} : { "retry-after": header };
    const outcome = classifyReply(reply({ status: 429, headers }));
    expect("retryAfterMs" in outcome ? outcome.retryAfterMs : undefined).toBe(expected);
  });
});
