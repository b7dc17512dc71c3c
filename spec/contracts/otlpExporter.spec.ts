import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { ExportResultCode } from "@opentelemetry/core";
import { bundle } from "../support/bundle.js";

interface Request {
  readonly body: string;
  readonly contentType: string;
  readonly count: number;
  readonly urgent: boolean;
  /** Whether it was handed over before `export` returned. */
  readonly before: boolean;
}
interface Found {
  readonly official: { readonly path: string; readonly type: string; readonly body: string };
  readonly code: number;
  readonly ours: Readonly<Record<"http/json" | "http/protobuf", Request>>;
  readonly stored: readonly { readonly body: string; readonly urgent: boolean }[];
}

/** We send what the official exporter would have sent, through seams that are still where we use them. */
describe("the OTLP exporter", () => {
  let found: Found;
  beforeAll(async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      await bundle(join(__dirname, "officialExporter.child.ts")),
    ]);
    found = JSON.parse(stdout) as Found;
  });

  it("sends what the official exporter sends, byte for byte", () => {
    const { official, code, ours } = found;
    expect(code).toBe(ExportResultCode.SUCCESS);
    expect(official.body.length).toBeGreaterThan(1_000);
    expect(ours["http/json"]).toMatchObject({
      body: official.body,
      contentType: official.type,
      count: 2,
      urgent: true,
    });
  });

  it("stores failed spans apart from the others, as urgent, and without line breaks", () => {
    const bodies = found.stored.map(({ body }) => Buffer.from(body, "base64").toString("utf8"));
    expect(found.stored.map(({ urgent }) => urgent)).toEqual([false, true]);
    expect(bodies[0]).toContain('"name":"parent"');
    expect(bodies[1]).toContain('"name":"child"');
    expect(bodies.join("")).not.toContain("\n");
  });

  it("sends protobuf with its content type", () => {
    const { contentType, body } = found.ours["http/protobuf"];
    expect(contentType).toBe("application/x-protobuf");
    expect(Buffer.from(body, "base64").toString("latin1")).toContain("contract");
  });

  it("hands a batch over before export returns, so that it is known when the process ends", () => {
    expect(found.ours["http/json"].before && found.ours["http/protobuf"].before).toBe(true);
  });

  it("uses a URL unchanged in the official version: the path of the signal is ours to append", () => {
    expect(found.official.path).toBe("/collector");
  });
});
