/**
 * A host with every official instrumentation on, which does a little of everything itself. Its own work runs in a
 * context with a mark; an instrumentation's span without the mark comes from our work.
 */
const { context, createContextKey, diag, DiagLogLevel, trace } = require("@opentelemetry/api");
const { registerInstrumentations } = require("@opentelemetry/instrumentation");

const OWN = createContextKey("the host's own work");

exports.behave = () => {
  // Loaded first, because loading a module is work of the host's own.
  const { captureError } = require("land-telemetry");
  const { startInspector } = require("land-telemetry/inspector");
  registerInstrumentations({
    instrumentations: ["Fs", "Http", "Undici", "Net", "Dns", "Pino"].map((name) => {
      const module = require(`@opentelemetry/instrumentation-${name.toLowerCase()}`);
      return new module[`${name}Instrumentation`]();
    }),
  });
  const fs = require("node:fs");
  const http = require("node:http");
  require("node:net");
  const dns = require("node:dns");
  const pino = require("pino");
  // The host's log is a file: each of our lines in it calls an instrumented function.
  const log = pino(pino.destination({ dest: "/dev/null", sync: true }));
  diag.setLogger(
    {
      error: (...said) => log.error(said),
      warn: (...said) => log.warn(said),
      info: (...said) => log.info(said),
      debug: (...said) => log.debug(said),
      verbose: (...said) => log.trace(said),
    },
    { logLevel: DiagLogLevel.INFO, suppressOverrideMessage: true },
  );

  const isOwn = new WeakSet();
  const seen = { own: {}, ours: {} };
  const recorder = {
    onStart(span, parent) {
      if (parent.getValue(OWN) === true) isOwn.add(span);
    },
    onEnd(span) {
      const scope = span.instrumentationScope.name;
      if (!scope.startsWith("@opentelemetry/instrumentation-")) return;
      const kind = scope.slice("@opentelemetry/instrumentation-".length);
      const counts = isOwn.has(span) ? seen.own : seen.ours;
      counts[kind] = (counts[kind] ?? 0) + 1;
    },
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };

  /** Does one of each, so that the rows show that the instrumentations are on. */
  async function own(url) {
    const inside = context.active().setValue(OWN, true);
    await context.with(inside, async () => {
      fs.readFileSync(__filename);
      await new Promise((resolve) => dns.lookup("localhost", resolve));
      await new Promise((resolve, reject) =>
        http.get(url, (response) => response.resume().on("end", resolve)).on("error", reject),
      );
      await (await fetch(url)).text();
    });
    log.info("the host's own line");
  }

  /** Starts the local receiver in this process, and queries it once, as a browser tab would. */
  async function inspector() {
    const running = await startInspector();
    const asking = context.active().setValue(OWN, true);
    await context.with(asking, () =>
      fetch(`${running.url}/api/counts`).then((response) => response.text()),
    );
    await running.close();
  }

  /** Errors within the host's own span, whose events are on disk before the call returns. */
  function errorsInside(count) {
    trace.getTracer("host").startActiveSpan("host", (span) => {
      for (let i = 0; i < count; i++) captureError(`inside ${i}`, new Error(`inside ${i}`));
      span.end();
    });
  }

  return {
    options: { spanProcessors: [recorder] },
    steps: { own, inspector, errorsInside },
    seen: () => seen,
  };
};
