let bug;

export function initialize(data) {
  bug = data;
}

export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context);
  if (!url.endsWith(`/examples/tiers/${bug.file}`)) return loaded;
  const source = String(loaded.source);
  if (!source.includes(bug.from)) throw new Error(`${bug.file} has no ${bug.from}`);
  return { ...loaded, source: source.replace(bug.from, bug.to) };
}
