import { positiveInteger, UsageError } from "../../lib/cli/Command.js";

const MAX = 65_535;

it.each(["1", "4318", "65535", "1e3", " 80 "])("accepts %j", (text) =>
  expect(positiveInteger("port", text, MAX)).toBe(Number(text)),
);

it.each(["0", "-1", "65536", "0.5", "80.5", "", "many", "Infinity", "80 81"])(
  "refuses %j, and says what is accepted",
  (text) =>
    expect(() => positiveInteger("port", text, MAX)).toThrow(
      new UsageError(
        `--port is ${JSON.stringify(text)}; a whole number from 1 to 65535 is accepted.`,
      ),
    ),
);
