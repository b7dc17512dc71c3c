const printed: string[] = [];
for (const method of ["error", "warn", "info", "debug", "trace", "log"] as const) {
  jest
    .spyOn(console, method)
    .mockImplementation((...args: unknown[]) => void printed.push(args.join(" ")));
}
// The API keeps the console methods that it finds when it is loaded.
const { diag } = jest.requireActual<typeof import("@opentelemetry/api")>("@opentelemetry/api");
const { enableDiagnostics } = jest.requireActual<typeof import("../../lib/shared/diagnostics.js")>(
  "../../lib/shared/diagnostics.js",
);

beforeEach(() => (printed.length = 0));
afterEach(() => diag.disable());

const METHODS = ["error", "warn", "info", "debug", "verbose"] as const;

function saidAt(level: string | undefined): string[] {
  enableDiagnostics({ OTEL_LOG_LEVEL: level });
  printed.length = 0;
  for (const method of METHODS) diag[method](method);
  return [...printed];
}

describe("OTEL_LOG_LEVEL", () => {
  it.each<[string | undefined, number]>([
    [undefined, 0],
    ["", 0],
    [" ", 0],
    ["NONE", 0],
    ["ERROR", 1],
    ["warn", 2],
    [" Info ", 3],
    ["DEBUG", 4],
    ["VERBOSE", 5],
    ["ALL", 5],
  ])("set to %p lets the first %i of five levels through", (level, count) => {
    expect(saidAt(level)).toEqual(METHODS.slice(0, count));
  });

  it.each(["LOUD", "30", "constructor"])("set to %p is reported, and treated as INFO", (level) => {
    enableDiagnostics({ OTEL_LOG_LEVEL: level });
    expect(printed).toEqual([
      `land-telemetry: OTEL_LOG_LEVEL="${level.toUpperCase()}" is not usable; accepted: NONE, ERROR, WARN, INFO, DEBUG, VERBOSE, ALL. INFO is used.`,
    ]);
    expect(saidAt(undefined)).toEqual(["error", "warn", "info"]);
  });

  it("leaves a host's own logger alone", () => {
    const said: string[] = [];
    const keep = (message: string): void => void said.push(message);
    diag.setLogger({ error: keep, warn: keep, info: keep, debug: keep, verbose: keep });
    expect(saidAt("ALL")).toEqual([]);
    expect(said).toEqual(["error", "warn", "info"]);
  });
});
