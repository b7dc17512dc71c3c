/**
 * Runs a peer's own test suite, which stands where the peer's package has been installed, as it is or with every
 * connection and call of the peer traced. Run by `npm run test:peers`.
 *
 *   node runSuite.cjs @grpc/grpc-js|vscode-jsonrpc plain|traced <file for the results> <tests, or all>…
 *
 * Needs no network: what is traced goes to a port of this machine where nobody listens.
 */
"use strict";

const { readFileSync, readdirSync, writeFileSync } = require("node:fs");
const Module = require("node:module");
const { dirname, join } = require("node:path");

const [library, mode, resultFile, ...files] = process.argv.slice(2);
// What is asked for is found where the peer is, not where this file is.
const host = Module.createRequire(join(process.cwd(), "host.cjs"));
const root = join(process.cwd(), "node_modules", library);

/** How a peer runs its tests, by its own configuration. */
const UI = { "@grpc/grpc-js": "bdd", "vscode-jsonrpc": "tdd" };
/** Far above the 2 s of mocha's default, which a busy machine misses; tests that set their own keep it. */
const TIMEOUT_MS = 20_000;

stripTypes();
const spans = mode === "traced" ? traceEverything() : undefined;
run();

/**
 * The tests are TypeScript of the peer's. They are compiled in memory, against the declarations of the installed package,
 * whose constant enums have no value at run time.
 */
function stripTypes() {
  const ts = require("typescript");
  // All that lies beside the tests by name: TypeScript compiles what it finds in node_modules only when it is told to.
  const folders = new Set(files.map((file) => dirname(join(root, file))));
  const paths = [...folders].flatMap((folder) =>
    readdirSync(folder, { recursive: true })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => join(folder, name)),
  );
  const program = ts.createProgram(paths, {
    module: ts.ModuleKind.CommonJS,
    moduleResolution: ts.ModuleResolutionKind.Node10,
    target: ts.ScriptTarget.ES2022,
    // As for the older targets that both peers compile for.
    useDefineForClassFields: false,
    // With it a namespace cannot be called, without it there is no default: older tests call, newer ones import.
    esModuleInterop: paths.some((path) =>
      /^import \w+ from ["'][^.]/m.test(readFileSync(path, "utf8")),
    ),
    ignoreDeprecations: "6.0",
    skipLibCheck: true,
    types: [],
  });
  const compiled = new Map();
  program.emit(undefined, (name, text) => compiled.set(name.replace(/\.js$/, ".ts"), text));
  Module._extensions[".ts"] = (module, file) => module._compile(compiled.get(file), file);
}

/** Puts the interceptors on every call and `traceConnection` under every connection. Returns the names of what was traced. */
function traceEverything() {
  const names = [];
  const { register } = host("land-telemetry");
  const nobody = "http://127.0.0.1:9";
  const { status, reason } = register({
    tier: "mountain",
    capture: true,
    otlp: { enabled: true, endpoint: nobody },
    posthog: { enabled: true, key: "phc_of_nobody", host: nobody },
    spool: { directory: join(process.cwd(), "spool") },
    spanProcessors: [
      {
        onStart() {},
        onEnd: (span) => names.push(span.name),
        forceFlush: async () => {},
        shutdown: async () => {},
      },
    ],
  });
  if (status !== "registered") throw new Error(`Nothing would be traced: ${reason}`);
  if (library === "vscode-jsonrpc") traceConnections();
  else traceCalls();
  return names;
}

function traceConnections() {
  const { traceConnection } = host("land-telemetry/jsonrpc");
  const connection = require(join(root, "lib/common/connection.js"));
  const { createMessageConnection } = connection;
  connection.createMessageConnection = (reader, writer, logger, options) => {
    const traced = traceConnection(reader, writer, { messageStrategy: options?.messageStrategy });
    return createMessageConnection(traced.reader, traced.writer, logger, {
      ...options,
      messageStrategy: traced.messageStrategy,
    });
  };
}

/** The outermost and, where there are others, the innermost interceptor are ours, on both sides. */
function traceCalls() {
  const { clientInterceptor, serverInterceptor } = host("land-telemetry/grpc");
  const around = (ours, theirs) => (theirs.length === 0 ? [ours] : [ours, ...theirs, ours]);

  const client = require(join(root, "build/src/client-interceptors.js"));
  const { getInterceptingCall } = client;
  const ours = clientInterceptor();
  client.getInterceptingCall = (given, ...rest) => {
    const traced = { ...given };
    for (const side of ["client", "call"]) {
      const [interceptors, providers] = [`${side}Interceptors`, `${side}InterceptorProviders`];
      // A call takes one of the two; those of the call replace those of the client.
      if (given[providers].length > 0) traced[providers] = around(() => ours, given[providers]);
      else if (side === "client" || given[interceptors].length > 0)
        traced[interceptors] = around(ours, given[interceptors]);
    }
    return getInterceptingCall(traced, ...rest);
  };

  const server = require(join(root, "build/src/server-interceptors.js"));
  const { getServerInterceptingCall } = server;
  server.getServerInterceptingCall = (theirs, ...rest) =>
    getServerInterceptingCall(around(serverInterceptor(), theirs), ...rest);
}

function run() {
  const Mocha = host("mocha");
  const mocha = new Mocha({ ui: UI[library], timeout: TIMEOUT_MS, reporter: function () {} });
  for (const file of files) mocha.addFile(join(root, file));
  const tests = [];
  const note = (state) => (test, error) =>
    tests.push({
      file: test.file?.slice(root.length + 1) ?? "",
      title: test.fullTitle(),
      state,
      said: error === undefined ? "" : String(error?.message ?? error).slice(0, 300),
    });
  mocha
    .run(() => {
      writeFileSync(resultFile, JSON.stringify({ tests, spans }));
      // As mocha's own command line may: some tests leave servers open.
      process.exit(0);
    })
    .on("pass", note("passed"))
    .on("fail", note("failed"))
    .on("pending", note("skipped"));
}
