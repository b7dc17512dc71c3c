/** Preloaded to set the wall clock back by an hour soon after the start. */
const HOUR = 3_600_000;
const start = performance.now();
const realNow = Date.now;
const RealDate = Date;
const shifted = () => realNow() - (performance.now() - start > 150 ? HOUR : 0);
globalThis.Date = class extends RealDate {
  constructor(...parts) {
    super(...(parts.length === 0 ? [shifted()] : parts));
  }
  static now() {
    return shifted();
  }
};
