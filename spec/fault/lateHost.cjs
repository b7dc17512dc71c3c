/** A host that uses the whole package while its files change, or while no descriptor is left. */
const fs = require("node:fs");
const { join } = require("node:path");

/** A part that loads, but fails when it is used. */
const OTHER_VERSION = `
  const fail = () => { throw new Error("of another version"); };
  exports.SpoolingTraceExporter = class { export() { fail(); } };
  exports.PostHogClient = class { captureJson() { fail(); } flush() { fail(); } };`;

const removed = (file) => fs.rmSync(file);
const replaced = (file) => fs.writeFileSync(file, OTHER_VERSION);
const DAMAGE = {
  removed,
  replaced,
  "half replaced": (file, index) => (index % 2 === 0 ? removed(file) : replaced(file)),
  "cut short": (file) => fs.truncateSync(file, fs.statSync(file).size >> 1),
};

/** The files of the package, which a process may load at any time. */
function filesIn(folder) {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const own = new Error("the host's own");
const carrier = {};
const noSpan = () => undefined;

/** Every public function, with what it must return or throw; `noSpan` stands for anything but an error. */
const calls = (land) => ({
  register: [() => land.register("cocoon").status, "already-registered"],
  isAllowed: [() => land.isAllowed("otlp"), true],
  withSpan: [() => land.withSpan("own", () => 42), 42],
  "withSpan, async": [() => land.withSpan("own", async () => (await pause(1), 42)), 42],
  "withSpan, throwing": [
    () =>
      land.withSpan("own", () => {
        throw own;
      }),
    own,
  ],
  "withSpan, rejecting": [() => land.withSpan("own", () => Promise.reject(own)), own],
  traceHandler: [() => land.traceHandler("own", (value) => value, { complete: true })(42), 42],
  "traceHandler, throwing": [
    () =>
      land.traceHandler("own", () => {
        throw own;
      })(),
    own,
  ],
  emitSpan: [() => land.emitSpan("own", { start: 1, end: 2, error: own }).traceId.length, 32],
  captureEvent: [
    () => land.captureEvent("own", { url: new URL("https://example.org") }),
    undefined,
  ],
  captureError: [() => land.captureError("own", new Error("captured")), undefined],
  captureSession: [() => land.captureSession(), undefined],
  inject: [() => land.withSpan("own", () => land.inject(carrier)), noSpan],
  extract: [() => land.extract(carrier), noSpan],
  injectPayload: [() => land.withSpan("own", () => land.injectPayload({})), noSpan],
  extractPayload: [() => land.extractPayload({ _traceparent: carrier.traceparent }), noSpan],
  markPayload: [() => land.markPayload?.({}, "own"), noSpan],
  stripPayload: [() => land.stripPayload({}), noSpan],
  parseTraceparent: [() => land.parseTraceparent("00-x"), undefined],
  trusted: [() => land.trusted("own"), noSpan],
  stats: [
    () => typeof land.stats().otlp.accepted + typeof land.stats().posthog.accepted,
    "numbernumber",
  ],
  flush: [() => land.flush(100), undefined],
});

exports.behave = ({ write }) => {
  const { land, landFolder } = globalThis;
  const descriptors = [];
  return {
    steps: {
      damage: (kind) => filesIn(landFolder).forEach(DAMAGE[kind]),
      /** Takes every descriptor there is. */
      exhaust() {
        try {
          for (;;) descriptors.push(fs.openSync("/dev/null"));
        } catch {
          // That was the last one.
        }
      },
      recover: () => descriptors.splice(0).forEach((descriptor) => fs.closeSync(descriptor)),
      async everything() {
        for (const [name, [call, expected]] of Object.entries(calls(land))) {
          let given;
          try {
            given = await call();
          } catch (thrown) {
            given = thrown;
          }
          const isError = given instanceof Error;
          if (expected === noSpan ? isError : given !== expected)
            write({ wrong: `${name} gave ${String(given)}` });
        }
      },
    },
  };
};
