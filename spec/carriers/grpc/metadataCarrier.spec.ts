import { Metadata } from "@grpc/grpc-js";
import { metadataGetter, metadataSetter } from "../../../lib/carriers/grpc/metadataCarrier";

const TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

const filled = (...pairs: [string, string][]): Metadata => {
  const metadata = new Metadata();
  for (const [key, value] of pairs) metadata.add(key, value);
  return metadata;
};

describe("gRPC metadata as a carrier", () => {
  it("gives the one traceparent, in any letter case of the key", () => {
    expect(metadataGetter.get(filled(["TraceParent", TRACEPARENT]), "traceparent")).toBe(
      TRACEPARENT,
    );
  });

  it("gives none of two traceparents, also where HTTP/2 has joined them", () => {
    expect(
      metadataGetter.get(
        filled(["traceparent", TRACEPARENT], ["traceparent", TRACEPARENT]),
        "traceparent",
      ),
    ).toBeUndefined();
    expect(
      metadataGetter.get(filled(["traceparent", `${TRACEPARENT}, ${TRACEPARENT}`]), "traceparent"),
    ).toBeUndefined();
  });

  it("gives the parts of a list as one list", () => {
    expect(
      metadataGetter.get(filled(["tracestate", "a=1"], ["tracestate", "b=2"]), "tracestate"),
    ).toBe("a=1,b=2");
    expect(metadataGetter.get(filled(), "baggage")).toBeUndefined();
  });

  it("lists its keys", () => {
    expect(metadataGetter.keys(filled(["a", "1"], ["b", "2"]))).toEqual(["a", "b"]);
  });

  it("leaves out what metadata cannot hold, without a throw", () => {
    const metadata = filled(["baggage", "kept=1"]);
    metadataSetter.set(metadata, "baggage", "name=Ünicode");
    metadataSetter.set(metadata, "tracestate", "a=1");
    expect(metadata.getMap()).toEqual({ baggage: "kept=1", tracestate: "a=1" });
  });
});
