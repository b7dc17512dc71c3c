/** Counts what is under way and lets others wait until nothing is. */
export class IdleGate {
  private count = 0;
  private readonly waiters = new Set<() => void>();

  get isIdle(): boolean {
    return this.count === 0;
  }

  enter(): void {
    this.count++;
  }

  leave(): void {
    if (--this.count === 0) this.wake();
  }

  /** Resolves when nothing is under way, or at `wake`. */
  whenIdle(): Promise<void> {
    return this.isIdle ? Promise.resolve() : new Promise((resolve) => this.waiters.add(resolve));
  }

  /** Lets go of all who wait. */
  wake(): void {
    for (const wake of this.waiters) wake();
    this.waiters.clear();
  }
}
