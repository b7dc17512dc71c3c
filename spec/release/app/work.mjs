// Something that no minifier can take out.
export const work = (value) => globalThis.work(value);
