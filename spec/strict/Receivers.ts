import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { decodeOtlp } from "./decodeOtlp";

/** What a receiver accepted: the ordinary items by name, how many others, and why it refused requests. */
export interface Taken {
  readonly ordinary: Record<string, number>;
  others: number;
  readonly refused: string[];
}

export interface StrictReceiver {
  readonly url: string;
  taken(): Promise<Taken>;
  close(): Promise<void>;
}

export const ORDINARY = "ordinary-";

/** A collector and a PostHog that decode as strictly as the real ones, in this process. */
export async function startReceiver(): Promise<StrictReceiver> {
  const taken: Taken = { ordinary: {}, others: 0, refused: [] };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const raw = Buffer.concat(chunks);
      const body = request.headers["content-encoding"] === "gzip" ? gunzipSync(raw) : raw;
      const type = request.headers["content-type"] ?? "";
      try {
        const names =
          request.url === "/v1/traces"
            ? decodeOtlp(body, type).map(({ name }) => String(name ?? ""))
            : decodeEvents(body);
        for (const name of names)
          if (name.startsWith(ORDINARY)) taken.ordinary[name] = (taken.ordinary[name] ?? 0) + 1;
          else taken.others++;
        response.end();
      } catch (error) {
        taken.refused.push(String(error));
        response.writeHead(400).end(String(error));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    taken: () => Promise.resolve(taken),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** The Collector's own decoder, built by `npm run test:strict`. */
export async function startGoReceiver(program: string): Promise<StrictReceiver> {
  const child = spawn(program, { stdio: ["pipe", "pipe", "inherit"] });
  const [port] = (await once(child.stdout, "data")) as [Buffer];
  const url = `http://127.0.0.1:${String(port).trim()}`;
  return {
    url,
    taken: async () => (await (await fetch(`${url}/taken`)).json()) as Taken,
    close: async () => {
      child.stdin.end();
      await once(child, "exit");
    },
  };
}

/** The span names or probes of PostHog's events; throws on what its decoder (serde_json and its types) refuses. */
function decodeEvents(body: Buffer): string[] {
  const text = new TextDecoder("utf-8", { fatal: true }).decode(body);
  const { batch } = JSON.parse(text) as { readonly batch: readonly Record<string, unknown>[] };
  return batch.map((event) => {
    if (/\p{Surrogate}/u.test(unescaped(event))) throw new Error("half a character");
    const { event: name, distinct_id: id, uuid, timestamp, properties } = event;
    for (const each of [name, id, uuid, timestamp])
      if (typeof each !== "string" || each === "") throw new Error(`no text: ${String(each)}`);
    if (!/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(uuid as string))
      throw new Error("no uuid");
    if (Number.isNaN(Date.parse(timestamp as string))) throw new Error("no time");
    if (typeof properties !== "object" || properties === null) throw new Error("no properties");
    const { probe, span_name: span = probe } = properties as Record<string, unknown>;
    return typeof span === "string" ? span : "";
  });
}

/** All strings in a value, including its keys. */
function unescaped(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return "";
  return Object.entries(value)
    .map(([key, inner]) => `${key}\n${unescaped(inner)}`)
    .join("\n");
}
