import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Pipe } from "../../lib/shared/Stats";

/** How many spans and events wait in a spool, read as plain NDJSON, without those acknowledged. */
export function recordsIn(spool: string): Record<Pipe, number> {
  const found: Record<Pipe, number> = { otlp: 0, posthog: 0 };
  for (const file of segmentsIn(spool)) {
    const pipe: Pipe = file.includes("/posthog/") ? "posthog" : "otlp";
    const open = new Map<string, number>();
    for (const line of readFileSync(file, "utf8").split("\n")) {
      if (line === "") continue;
      const { id, count, ack } = JSON.parse(line) as {
        id?: string;
        count?: number;
        ack?: readonly string[];
      };
      if (id !== undefined) open.set(id, count ?? 0);
      for (const each of ack ?? []) open.delete(each);
    }
    for (const count of open.values()) found[pipe] += count;
  }
  return found;
}

/** The segments of a spool. */
export function segmentsIn(spool: string): string[] {
  if (!existsSync(spool)) return [];
  return readdirSync(spool, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ndjson"))
    .map((name) => join(spool, name));
}
