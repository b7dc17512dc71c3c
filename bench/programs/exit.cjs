/** Registers, makes the given number of spans in one tick, calls `process.exit` and prints how long it takes, in ms. */
const { trace } = require("@opentelemetry/api");
const { register } = require("land-telemetry");

if (register("cocoon").status !== "registered") throw new Error("not registered");
const tracer = trace.getTracer("land.cocoon", "0.1.0");

// After the first turns of the loop, as in a process that has been running for a while.
setTimeout(() => {
  for (let number = 0; number < Number(process.argv[2]); number++) {
    const span = tracer.startSpan("land:cocoon:handler");
    span.setAttribute("rpc.system.name", "grpc");
    span.setAttribute("rpc.method", "land.CocoonService/ProcessMountainRequest");
    span.setAttribute("server.address", "127.0.0.1");
    span.setAttribute("server.port", 50052);
    span.setAttribute("land.request", number);
    span.end();
  }
  const called = performance.now();
  // The last listener, so that telemetry's own have already run.
  process.on("exit", () => process._rawDebug(performance.now() - called));
  process.exit();
}, 100);
