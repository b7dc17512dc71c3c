import { readFileSync } from "node:fs";
import type { HogQLParser } from "@posthog/hogql-parser";
import createParser from "@posthog/hogql-parser";

/** The queries of the page, each with the line on which it begins. */
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

describe("the queries of docs/dashboards.md, in PostHog's own parser", () => {
  const queries = readQueries();

  it("are at least ten", () => expect(queries.length).toBeGreaterThanOrEqual(10));

  it.each(queries)("parse (line %i)", (_line, query) => {
    expect(parse(query)).toMatchObject({ node: "SelectQuery" });
  });

  it("would be refused if they were wrong", () => {
    const [[, query] = [0, ""]] = queries;
    expect(parse(query.replace("FROM", "FORM"))).toMatchObject({ error: true });
  });
});
