import { groupRecords } from "../../lib/delivery/DeliveryRecord";
import { record } from "./support/makeDisk";

/** Groups records with bodies of these sizes, and returns the sizes in each group. */
function sizes(bodies: readonly number[], maxRecords: number, maxBytes: number): number[][] {
  const records = bodies.map((size, i) => record(String(i), { body: "x".repeat(size) }));
  return groupRecords(records, maxRecords, maxBytes).map((group) =>
    group.map(({ body }) => body.length),
  );
}

describe("groups of records for requests", () => {
  it.each([
    ["nothing", [], []],
    ["as many bytes as there may be, in every group", [5, 5, 5, 5, 5], [[5, 5], [5, 5], [5]]],
    ["one that is too large, alone", [4, 11, 4, 6], [[4], [11], [4, 6]]],
    ["as many records as there may be", [1, 1, 1, 1], [[1, 1, 1], [1]]],
  ])("hold %s", (_what, bodies, groups) => {
    expect(sizes(bodies, 3, 10)).toEqual(groups);
  });

  it("hold one content type each", () => {
    const records = ["a", "a", "b", "a"].map((type, i) => record(String(i), { contentType: type }));
    expect(groupRecords(records, 10, 1_000).map((group) => group.length)).toEqual([2, 1, 1]);
  });
});
