// Something that no minifier can remove.
export const work = (value) => globalThis.work(value);
