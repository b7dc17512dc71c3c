/** The value of `--name=…` on the command line. */
export const option = (name, fallback) =>
  process.argv.find((argument) => argument.startsWith(`--${name}=`))?.split("=")[1] ?? fallback;

/** The same as a number. */
export const count = (name, fallback) => Number(option(name, fallback));

/** The environment of a measured process: both pipes on, with one endpoint, and only PATH and HOME from the caller. */
export const pipesTo = (url, spool) => ({
  PATH: process.env["PATH"],
  HOME: process.env["HOME"],
  USER: "bench",
  Capture: "true",
  Report: "true",
  Emit: "true",
  Authorize: "phc_bench",
  Beam: url,
  Pipe: url,
  LAND_TELEMETRY_SPOOL: spool,
});

/** Nothing listens here: connections are refused. */
export const NOBODY = "http://127.0.0.1:9";
