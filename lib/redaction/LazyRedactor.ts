import type { Redactor, ResourceLike, ScopeLike } from "./Redactor.js";

/** A redactor that is made when it is first needed. */
export class LazyRedactor implements Redactor {
  readonly #make: () => Redactor;
  readonly #isHarmless: (value: unknown, key: string | undefined) => boolean;
  #made: Redactor | undefined;

  /**
   * @param isHarmless Says of a value that redaction would leave it as it is, without asking it; for the few that a
   *   process sends while it starts. False when in doubt.
   */
  constructor(
    make: () => Redactor,
    isHarmless: (value: unknown, key: string | undefined) => boolean,
  ) {
    this.#make = make;
    this.#isHarmless = isHarmless;
  }

  get repeats(): boolean {
    return this.#redactor.repeats;
  }

  text(value: string, key?: string): string {
    return this.#redactor.text(value, key);
  }

  value(value: unknown, key?: string): unknown {
    return this.#made === undefined && this.#isHarmless(value, key)
      ? value
      : this.#redactor.value(value, key);
  }

  attribute(key: string, value: unknown): unknown {
    return this.#redactor.attribute(key, value);
  }

  attributes<T extends object>(attributes: T): T {
    return this.#redactor.attributes(attributes);
  }

  stack(text: string): string {
    return this.#redactor.stack(text);
  }

  resource<T extends ResourceLike>(resource: T): T {
    return this.#redactor.resource(resource);
  }

  scope<T extends ScopeLike>(scope: T): T {
    return this.#redactor.scope(scope);
  }

  get #redactor(): Redactor {
    return (this.#made ??= this.#make());
  }
}
