import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse } from "yaml";

const FOLDER = resolve(__dirname, "../../examples/collector");
const ROLES = ["agent.yaml", "balancer.yaml", "gateway.yaml"];
/** The module in the manifest for each name in a configuration. */
const MODULES: Readonly<Record<string, string>> = {
  otlp: "receiver/otlpreceiver",
  memory_limiter: "processor/memorylimiterprocessor",
  tail_sampling: "processor/tailsamplingprocessor",
  otlp_http: "exporter/otlphttpexporter",
  load_balancing: "exporter/loadbalancingexporter",
  health_check: "extension/healthcheckextension",
  file_storage: "extension/storage/filestorage",
};

interface Queue {
  readonly enabled?: boolean;
  readonly storage?: string;
  readonly block_on_overflow?: boolean;
}
interface Exporter {
  readonly sending_queue?: Queue;
  readonly retry_on_failure?: { readonly enabled?: boolean; readonly max_elapsed_time?: number };
  readonly protocol?: { readonly otlp: Exporter };
}
interface Configuration {
  readonly receivers: {
    readonly otlp: { readonly protocols: Readonly<Record<string, { readonly endpoint: string }>> };
  };
  readonly processors: Readonly<
    Record<string, { readonly decision_cache?: { readonly non_sampled_cache_size: number } }>
  >;
  readonly exporters: Readonly<Record<string, Exporter>>;
  readonly extensions: Readonly<Record<string, { readonly directory?: string }>>;
  readonly service: {
    readonly extensions: readonly string[];
    readonly pipelines: {
      readonly traces: Readonly<
        Record<"receivers" | "processors" | "exporters", readonly string[]>
      >;
    };
  };
}
interface Manifest {
  readonly dist: { readonly version: string };
  readonly replaces: readonly string[];
  readonly [section: string]: unknown;
}

const read = (name: string): unknown => parse(readFileSync(join(FOLDER, name), "utf8"));
const manifest = read("manifest.yaml") as Manifest;
const modules = ["receivers", "processors", "exporters", "extensions", "providers"].flatMap(
  (section) => (manifest[section] as { gomod: string }[]).map(({ gomod }) => gomod),
);

/** Evaluates an expression over a module of the example, which is ESM. */
function evaluate(module: string, expression: string): unknown {
  const code = `import * as it from ${JSON.stringify(join(FOLDER, module))}; process.stdout.write(JSON.stringify(${expression}) ?? "null");`;
  return JSON.parse(
    execFileSync(process.execPath, ["--input-type=module", "-e", code], { encoding: "utf8" }),
  );
}

describe("the collector's manifest", () => {
  it("pins every module, and all of the collector's own to one release", () => {
    for (const module of modules) expect(module).toMatch(/^\S+ v\d+\.\d+\.\d+$/);
    for (const replaced of manifest.replaces)
      expect(replaced).toMatch(/^(\S+) => \1 v\d+\.\d+\.\d+$/);
    // The providers are past 1.0 and have their own version numbers.
    const versions = modules
      .filter((module) => !module.includes("/confmap/provider/"))
      .map((module) => module.split(" ")[1]);
    expect(new Set(versions)).toEqual(new Set([`v${manifest.dist.version}`]));
  });
});

describe.each(ROLES)("%s", (name) => {
  const { receivers, processors, exporters, extensions, service } = read(name) as Configuration;
  const { traces } = service.pipelines;

  it("uses what it defines, defines what it uses, and has it in the manifest", () => {
    expect([...traces.receivers].sort()).toEqual(Object.keys(receivers).sort());
    expect([...traces.processors].sort()).toEqual(Object.keys(processors).sort());
    expect([...traces.exporters].sort()).toEqual(Object.keys(exporters).sort());
    expect([...service.extensions].sort()).toEqual(Object.keys(extensions).sort());
    for (const type of [receivers, processors, exporters, extensions].flatMap((section) =>
      Object.keys(section),
    )) {
      expect(modules.map((module) => module.split(" ")[0])).toContainEqual(
        expect.stringMatching(`/${MODULES[type] ?? type}$`),
      );
    }
  });

  it("limits memory before anything else, and listens only on this machine unless told otherwise", () => {
    expect(traces.processors[0]).toBe("memory_limiter");
    for (const { endpoint } of Object.values(receivers.otlp.protocols))
      expect(endpoint).toMatch(/^\$\{env:\w+:-127\.0\.0\.1:\d+\}$/);
  });

  it("acknowledges only what is on disk or what the next collector has acknowledged", () => {
    for (const exporter of Object.values(exporters)) {
      const last = exporter.protocol?.otlp ?? exporter;
      if (last.sending_queue?.enabled === false) expect(last.retry_on_failure?.enabled).toBe(false);
      else {
        expect(extensions[last.sending_queue?.storage ?? ""]?.directory).toMatch(
          /^\$\{env:LAND_COLLECTOR_STATE/,
        );
        expect(last.retry_on_failure?.max_elapsed_time).toBe(0);
      }
    }
  });
});

describe("gateway.yaml", () => {
  it("forgets what it dropped, and never throws away what it was asked to keep", () => {
    const { processors, exporters } = read("gateway.yaml") as Configuration;
    expect(processors["tail_sampling"]).toMatchObject({
      sampling_strategy: "span-ingest",
      block_on_overflow: true,
      decision_cache: { non_sampled_cache_size: 0 },
    });
    expect(exporters["otlp_http"]?.sending_queue?.block_on_overflow).toBe(true);
  });

  it("keeps everything with keep-all.yaml, which leaves the sampler out", () => {
    expect((read("keep-all.yaml") as Configuration).service.pipelines.traces).toEqual({
      processors: ["memory_limiter"],
    });
  });
});

describe("compareSpans", () => {
  const span = (spanId: string, more: object = {}): object => ({
    traceId: "a",
    spanId,
    name: "work",
    error: false,
    ...more,
  });
  const compare = (name: string, made: readonly object[], arrived: readonly object[]): unknown => {
    const entries = (arrived as { traceId: string; spanId: string }[]).map((one) => [
      `${one.traceId}/${one.spanId}`,
      one,
    ]);
    return evaluate(
      "compareSpans.mjs",
      `it.${name}(${JSON.stringify(made)}, new Map(${JSON.stringify(entries)}))`,
    );
  };

  it("reports what is missing, foreign, changed and repeated", () => {
    const made = [span("1"), span("2"), span("3", { error: true })];
    const arrived = [span("1", { times: 3 }), span("3", { times: 1 }), span("4", { times: 1 })];
    expect(compare("compareSpans", made, arrived)).toEqual({
      made: 3,
      arrived: 3,
      missing: [made[1]],
      foreign: [arrived[2]],
      changed: [arrived[1]],
      repeated: 2,
    });
    expect(
      compare(
        "compareSpans",
        made,
        made.map((one) => ({ ...one, times: 1 })),
      ),
    ).toEqual({ made: 3, arrived: 3, missing: [], foreign: [], changed: [], repeated: 0 });
  });

  it("finds every lost error and session start, torn traces, and the share of the rest", () => {
    const made = [
      span("1", { traceId: "error", error: true }),
      span("2", { traceId: "error" }),
      span("3", { traceId: "start", name: "land:air:session:start" }),
      span("4", { traceId: "old", name: "land:air:file:error" }),
      ...["b", "c", "d", "e"].map((traceId) => span("5", { traceId })),
    ];
    const arrived = [made[1], made[4]].map((one) => ({ ...one, times: 1 }));
    const lost = [made[0], made[2], made[3]];
    expect(compare("compareSampled", made, arrived)).toEqual({
      traces: 7,
      mustStay: 3,
      lost,
      torn: ["error"],
      ordinary: 4,
      share: 0.25,
      foreign: [],
      changed: [],
    });
  });
});

describe("npm run test:collector", () => {
  const folder = mkdtempSync(join(tmpdir(), "land-collector-spec-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const run = (env: Readonly<Record<string, string>>): { status: number | null; stderr: string } =>
    spawnSync(process.execPath, [join(FOLDER, "test.mjs")], {
      encoding: "utf8",
      env: { HOME: folder, GOROOT: join(folder, "none"), PATH: join(folder, "none"), ...env },
    });

  it("says how to get a collector if there is neither one nor Go, and does not fail", () => {
    const { status, stderr } = run({ CI: "true" });
    expect(stderr).toMatch(/OTELCOL is not set, and there is no Go.*Set OTELCOL .*go\.dev/s);
    expect(status).toBe(0);
  });

  it("fails if the collector that OTELCOL names does not exist", () => {
    const { status, stderr } = run({ OTELCOL: join(folder, "otelcol") });
    expect([status, stderr]).toEqual([1, expect.stringContaining("which OTELCOL names")]);
  });

  it("fails in CI with the reason if there is Go but the build fails; elsewhere it does not fail", () => {
    const go = join(folder, "go");
    writeFileSync(
      go,
      `#!/bin/sh\n[ "$1" = version ] && exit 0\necho "no such module" >&2\nexit 1\n`,
    );
    chmodSync(go, 0o755);
    const inCi = run({ PATH: `${folder}:/bin:/usr/bin`, CI: "true" });
    expect([inCi.status, inCi.stderr]).toEqual([1, expect.stringContaining("no such module")]);
    expect(run({ PATH: `${folder}:/bin:/usr/bin` }).status).toBe(0);
  });
});
