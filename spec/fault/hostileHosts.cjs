/** Hosts whose own parts misbehave: what they give to `register`, and the logger behind `diag`. */
const { diag, DiagLogLevel } = require("@opentelemetry/api");

const fail = () => {
  throw new Error("the host's own fault");
};
const quiet = { onStart: () => undefined, onEnd: () => undefined };
const promises = { forceFlush: () => Promise.resolve(), shutdown: () => Promise.resolve() };
const never = () => new Promise(() => undefined);

function setLogger(logger, logLevel = DiagLogLevel.INFO) {
  const all = Object.fromEntries(
    ["error", "warn", "info", "debug", "verbose"].map((level) => [level, logger]),
  );
  diag.setLogger(all, { logLevel, suppressOverrideMessage: true });
}

exports.HOSTS = {
  "throwing sampler": () => ({ sampler: { shouldSample: fail, toString: fail } }),
  "sampler without a decision": () => ({
    sampler: { shouldSample: () => ({ decision: "yes" }), toString: () => "liar" },
  }),
  "processor that throws": () => ({
    spanProcessors: [
      { onStart: fail, onEnding: fail, onEnd: fail, forceFlush: fail, shutdown: fail },
    ],
  }),
  "processor that rejects": () => ({
    spanProcessors: [
      {
        ...quiet,
        forceFlush: () => Promise.reject(new Error("no")),
        shutdown: () => Promise.reject(new Error("no")),
      },
    ],
  }),
  "processor that hangs": () => ({
    spanProcessors: [{ ...quiet, forceFlush: never, shutdown: never }],
  }),
  "no processors": () => ({
    spanProcessors: [null, 5, {}, Proxy.revocable({}, {}).proxy, { ...quiet, ...promises }],
  }),
  "throwing logger": () => {
    let isSet = false;
    // The API itself logs something when it is set.
    setLogger(() => isSet && fail(), DiagLogLevel.ALL);
    isSet = true;
    return {};
  },
  "logger that reports what it is told": () => {
    const land = require("land-telemetry");
    // Each of these is misused, so that there is something to log.
    setLogger(() => {
      land.captureEvent(undefined);
      land.emitSpan(undefined, undefined);
    });
    return {};
  },
  "resource that is never ready": () => ({
    resourceAttributes: { late: never(), plain: "here" },
  }),
};
