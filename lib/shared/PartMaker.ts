import { diag } from "@opentelemetry/api";

/**
 * Makes the parts of the runtime when they are first asked for. That is within calls of the host, so nothing is
 * thrown: what cannot be made now (no file descriptor is free, for one) is undefined, and tried again.
 *
 * While one is being made, none is given out for the first time: what the making itself calls, an instrumented
 * `node:fs` or a logger with spans of its own, would else make the same again.
 */
export class PartMaker {
  #isMaking = false;
  #hasComplained = false;

  /** The function that makes a part at its first call, and gives the same at each. */
  part<T extends object>(make: () => T): () => T | undefined {
    let made: T | undefined;
    return () => {
      if (made === undefined && !this.#isMaking) made = this.#try(make);
      return made;
    };
  }

  #try<T>(make: () => T): T | undefined {
    this.#isMaking = true;
    try {
      return make();
    } catch (error) {
      if (!this.#hasComplained)
        diag.error("land-telemetry: telemetry could not be started, and is tried again:", error);
      this.#hasComplained = true;
      return undefined;
    } finally {
      this.#isMaking = false;
    }
  }
}
