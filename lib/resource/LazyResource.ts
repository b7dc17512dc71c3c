import type { RawResourceAttribute, Resource } from "@opentelemetry/resources";

/**
 * A resource that is made when it is first looked at, with the first batch: what it holds costs more to find out
 * than a span. Its attributes are there at once then; nothing about it is pending.
 */
export class LazyResource implements Resource {
  readonly asyncAttributesPending = false;
  readonly #make: () => Resource;
  #made: Resource | undefined;

  constructor(make: () => Resource) {
    this.#make = make;
  }

  get attributes(): Resource["attributes"] {
    return this.#resource.attributes;
  }

  merge(other: Resource | null): Resource {
    return this.#resource.merge(other);
  }

  getRawAttributes(): RawResourceAttribute[] {
    return this.#resource.getRawAttributes();
  }

  get #resource(): Resource {
    return (this.#made ??= this.#make());
  }
}
