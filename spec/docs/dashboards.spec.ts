import { readFileSync } from "node:fs";
import type { HogQLParser } from "@posthog/hogql-parser";
import createParser from "@posthog/hogql-parser";

/** The queries of the page, by the line on which each begins. */
function readQueries(): readonly (readonly [line: number, query: string])[] {
  const page = readFileSync("docs/dashboards.md", "utf8");
  return [...page.matchAll(/^```sql\n([^]*?)^```$/gm)].map(({ 1: query = "", index }) => [
    page.slice(0, index).split("\n").length,
    query,
  ]);
}

let parser: HogQLParser;
beforeAll(async () => {
  parser = await createParser();
});

const parse = (query: string): unknown => JSON.parse(parser.parseSelect(query));

describe("the queries of docs/dashboards.md, by PostHog's own parser", () => {
  const queries = readQueries();

  it("are all found", () => expect(queries.length).toBeGreaterThanOrEqual(10));

  it.each(queries)("parse: the one of line %i", (_line, query) => {
    expect(parse(query)).toMatchObject({ node: "SelectQuery" });
  });

  it("would be refused where they are wrong", () => {
    const [[, query] = [0, ""]] = queries;
    expect(parse(query.replace("FROM", "FORM"))).toMatchObject({ error: true });
  });
});
