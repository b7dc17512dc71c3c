import { computeSha256 } from "../../lib/shared/computeSha256";
import { sha256 } from "../../lib/shared/sha256";

describe("sha256", () => {
  it("gives the same for the first texts, which it computes itself, and for those after", () => {
    for (let index = 0; index < 40; index++) {
      const text = `0af7651916cd43dd8448eb211c80319c-é€😀\ud83d-${index}`;
      expect(sha256(text)).toBe(computeSha256(text));
    }
  });
});
