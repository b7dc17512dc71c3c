import { status } from "@grpc/grpc-js";
import { isServerError, statusName } from "../../../lib/carriers/grpc/grpcStatus.js";

const codes = Object.entries(status).filter(
  (entry): entry is [string, number] => typeof entry[1] === "number",
);

describe("a gRPC status", () => {
  it.each(codes)("%s (%i) has the name that grpc-js gives it", (name, code) => {
    expect(statusName(code)).toBe(name);
  });

  it("is a server error for six codes, and for any that gRPC does not define", () => {
    expect(codes.filter(([, code]) => isServerError(code)).map(([name]) => name)).toEqual([
      "UNKNOWN",
      "DEADLINE_EXCEEDED",
      "UNIMPLEMENTED",
      "INTERNAL",
      "UNAVAILABLE",
      "DATA_LOSS",
    ]);
    for (const code of [17, -1, 1.5, Number.NaN])
      expect([statusName(code), isServerError(code)]).toEqual(["UNKNOWN", true]);
  });
});
