import { resourceFromAttributes } from "@opentelemetry/resources";
import { LazyResource } from "../../lib/resource/LazyResource.js";

describe("LazyResource", () => {
  it("is made when it is first looked at, once", () => {
    let made = 0;
    const resource = new LazyResource(() => {
      made++;
      return resourceFromAttributes({ "land.tier": "cocoon" });
    });
    expect(resource.asyncAttributesPending).toBe(false);
    expect(made).toBe(0);
    expect(resource.attributes).toEqual({ "land.tier": "cocoon" });
    expect(resource.attributes).toBe(resource.attributes);
    expect(resource.getRawAttributes()).toEqual([["land.tier", "cocoon"]]);
    expect(made).toBe(1);
  });

  it("merges as the resource in it does: the other's attributes win", () => {
    const resource = new LazyResource(() => resourceFromAttributes({ a: 1, b: 1 }));
    expect(resource.merge(resourceFromAttributes({ b: 2 })).attributes).toEqual({ a: 1, b: 2 });
    expect(resource.merge(null).attributes).toEqual({ a: 1, b: 1 });
    expect(resourceFromAttributes({ b: 2 }).merge(resource).attributes).toEqual({ a: 1, b: 1 });
  });
});
