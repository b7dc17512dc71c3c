const TIERS = ["air", "cocoon", "mountain", "sky"];
const ERROR_STATUS = 2;

/** What is wrong with what the receiver has after a run, as sentences; empty if all is well. */
export function findMisses(inspector) {
  const misses = [];
  const expect = (ok, miss) => ok || misses.push(miss);
  const traces = inspector.traces();
  const [trace] = traces;
  expect(
    traces.length === 1,
    `one trace expected, ${traces.length} came: ${traces.map(({ name }) => name).join(", ")}`,
  );
  if (trace === undefined) return misses;

  const events = inspector.events();
  expect(
    String([...trace.tiers].sort()) === String(TIERS),
    `spans of ${TIERS.join(", ")} expected, not of ${trace.tiers.join(", ")}`,
  );
  expect(
    trace.orphans.length === 0,
    `spans without their parents: ${trace.orphans.map(({ name }) => name).join(", ")}`,
  );
  const roots = trace.spans.filter(({ parentSpanId }) => parentSpanId === undefined);
  expect(roots.length === 1, `one root expected, not ${roots.map(({ name }) => name).join(", ")}`);
  expect(
    trace.sessionIds.length === 1,
    `one session id for all tiers expected, ${trace.sessionIds.length} came`,
  );
  for (const tier of TIERS) {
    const starts = events.filter(({ event }) => event === `land:${tier}:session:start`);
    expect(starts.length === 1, `one session start of ${tier} expected, ${starts.length} came`);
  }

  const failed = trace.spans.find(
    ({ tier, name, statusCode }) =>
      tier === "cocoon" && name === "land:cocoon:file:read" && statusCode === ERROR_STATUS,
  );
  const errors = events.filter(({ event }) => event.endsWith(":error"));
  expect(
    errors.length === 1 && errors[0].event === "land:cocoon:error",
    `one error expected, Cocoon's, not ${errors.map(({ event }) => event).join(", ") || "none"}`,
  );
  expect(failed !== undefined, "the span that failed to read the file has not come");
  expect(
    errors[0]?.traceId === trace.traceId && errors[0]?.spanId === failed?.spanId,
    "the error does not point to the span that failed",
  );
  expect(
    errors[0]?.properties.error_tag === "ENOENT",
    `the error is tagged ${errors[0]?.properties.error_tag}, not ENOENT`,
  );

  const ids = new Set(trace.spans.map(({ spanId }) => spanId));
  const strays = events.filter(
    ({ traceId, spanId }) => traceId !== trace.traceId || !ids.has(spanId),
  );
  expect(
    strays.length === 0,
    `events that belong to no span: ${strays.map(({ event }) => event).join(", ")}`,
  );
  return misses;
}

/** What is wrong with the work that the tiers did, as sentences; empty if all is well. */
export function findUndone(results) {
  if (results === undefined) return ["the tiers did not finish their work"];
  const { extensions, announced, matches, files, sha256, missing } = results;
  const done =
    extensions > 0 &&
    announced === extensions &&
    matches > 0 &&
    files > 0 &&
    /^[0-9a-f]{64}$/.test(sha256) &&
    missing === "ENOENT";
  return done ? [] : [`the tiers did not do their work: ${JSON.stringify(results)}`];
}
