import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Inspector } from "../../../lib/inspector/server/startInspector.js";
import { startInspector } from "../../../lib/inspector/server/startInspector.js";
import { otlpRequest, otlpSpan, postHogBatch, postHogEvent, TRACE_ID } from "./payloads.js";
import { postJson } from "./request.js";

const TOKEN = "only-this-one";
let inspector: Inspector;
beforeEach(async () => {
  inspector = await startInspector({ agentToken: TOKEN });
});
afterEach(() => inspector.close());

async function connect(token: string): Promise<Client> {
  const client = new Client({ name: "spec", version: "1" });
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  const url = new URL(`${inspector.url}/mcp`);
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit }));
  return client;
}

describe("an agent's tools, called by the official client", () => {
  it("are all listed, answer from what is held, and refuse wrong arguments", async () => {
    const spanId = String(otlpSpan()["spanId"]);
    const other = "f".repeat(32);
    const failed = { ...otlpSpan(), status: { code: 2, message: "no such file" } };
    await postJson(
      `${inspector.url}/v1/traces`,
      otlpRequest([failed, otlpSpan({ traceId: other })]),
    );
    await postJson(`${inspector.url}/batch/`, postHogBatch([postHogEvent({ properties: {} })]));
    const client = await connect(TOKEN);
    const given: Readonly<Record<string, Record<string, string>>> = {
      list_errors: {},
      list_traces: {},
      get_trace: { trace: TRACE_ID.toUpperCase() },
      get_span: { trace: TRACE_ID, span: spanId },
      list_events: { name: "error" },
      search: { query: "tier=cocoon <1s", trace: TRACE_ID },
      compare_runs: { before: TRACE_ID, after: other },
    };
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(Object.keys(given));
    const told: Record<string, unknown> = {};
    for (const [name, args] of Object.entries(given)) {
      const { content, isError } = await client.callTool({ name, arguments: args });
      expect(isError).toBeUndefined();
      told[name] = JSON.parse((content as { text: string }[])[0]?.text ?? "");
    }
    const { name } = otlpSpan();
    expect(told).toMatchObject({
      list_errors: { total: 2, items: [{}, { message: "no such file", tier: "cocoon", spanId }] },
      list_traces: { total: 2 },
      get_trace: { traceId: TRACE_ID, rows: [{ spanId }], errors: [{ spanId }] },
      get_span: { spanId, statusMessage: "no such file" },
      list_events: { total: 1, items: [{ event: "land:cocoon:error" }] },
      search: { traces: [TRACE_ID], spans: { items: [{ spanId }] } },
      compare_runs: {
        onlyBefore: { total: 0 },
        differences: {
          items: [{ name: `cocoon: ${String(name)}`, before: { errors: 1 }, after: { errors: 0 } }],
        },
      },
    });
    for (const wrong of [
      { name: "get_trace", arguments: {} },
      { name: "get_trace", arguments: { trace: "none" } },
      { name: "rm", arguments: {} },
    ])
      expect(await client.callTool(wrong)).toMatchObject({ isError: true });
    await client.close();
  });

  it("are refused without the token, and do not exist if no token was set", async () => {
    await expect(connect("another")).rejects.toThrow();
    const without = await startInspector();
    expect((await postJson(`${without.url}/mcp`, {})).status).toBe(404);
    await without.close();
  });
});
