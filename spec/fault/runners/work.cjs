/** What a suite does with the package: spans, errors and events, which it records, and no `shutdown`. */
const { appendFileSync } = require("node:fs");

let next = 0;

exports.work = (land, expectThrow) => {
  const prefix = `${process.pid}-${Math.random().toString(36).slice(2)}-`;
  const write = (entry) => appendFileSync(process.env.LAND_JOURNAL, `${JSON.stringify(entry)}\n`);
  const telemetry = land.register("cocoon");
  const isOn = telemetry.status !== "disabled";
  const first = next;
  for (let i = 0; i < 3; i++) land.withSpan(`w${prefix}${next++}`, () => undefined);
  if (isOn) write({ spans: [prefix, first, 3] });
  const error = `e${prefix}${next++}`;
  expectThrow(() =>
    land.withSpan(error, () => {
      throw new Error("the suite's own");
    }),
  );
  if (isOn) write({ error });
  const event = `c${prefix}${next++}`;
  land.captureEvent("land:cocoon:probe", { probe: event });
  if (isOn) write({ event });
};
