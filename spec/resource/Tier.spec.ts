import { isTier, Tier } from "../../lib/resource/Tier.js";

describe("Tier", () => {
  it("names the tiers as land.tier and $tier spell them", () => {
    expect(Object.values(Tier)).toEqual([
      "mountain",
      "air",
      "echo",
      "rest",
      "grove",
      "mist",
      "sidecar",
      "common",
      "cocoon",
      "wind",
      "sky",
      "worker",
      "output",
      "build",
    ]);
    for (const [name, value] of Object.entries(Tier)) expect(value).toBe(name.toLowerCase());
  });

  it.each(["Cocoon", "", undefined, null, 3, {}, "toString"])(
    "does not accept %p as a tier",
    (value) => {
      expect(isTier(value)).toBe(false);
    },
  );
});
