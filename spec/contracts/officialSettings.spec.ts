import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as ts from "typescript";
import { readConfiguration } from "../../lib/config/readConfiguration.js";
import { collectProblems } from "../../lib/shared/diagnostics.js";

const ROOT = join(__dirname, "..", "..");
const PAGE = readFileSync(join(ROOT, "docs", "official-settings.md"), "utf8");

/** The source of a package, from its own files only. */
function sourceOf(folder: string): string {
  const path = join(ROOT, "node_modules", folder);
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".js"))
    .map((name) => readFileSync(join(path, name), "utf8"))
    .join("\n");
}

/** The variables that some packages read: the names in their source, with `${signal}` as TRACES. */
function variablesOf(...packages: readonly string[]): string[] {
  const source = packages.map((name) => sourceOf(`@opentelemetry/${name}/build/src`)).join("\n");
  const names = source.match(/(?<=['"`])OTEL_[A-Z_]+(?:\$\{\w+\}[A-Z_]*)?(?=['"`])/g) ?? [];
  return [...new Set(names.map((name) => name.replace(/\$\{\w+\}/, "TRACES")))].sort();
}

/** The options of an official client, as the compiler reads its type. */
function optionsOf(module: string, type: string): string[] {
  const file = join(__dirname, "options.ts");
  const text = `import type { ${type} } from "${module}"; export declare const options: ${type};`;
  const settings: ts.CompilerOptions = {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    strict: true,
    skipLibCheck: true,
    types: ["node"],
  };
  const host = ts.createCompilerHost(settings);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (name, ...others) =>
    name === file ? ts.createSourceFile(name, text, ts.ScriptTarget.ES2022) : read(name, ...others);
  const program = ts.createProgram([file], settings, host);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const [symbol] =
    source === undefined
      ? []
      : checker.getExportsOfModule(checker.getSymbolAtLocation(source) ?? fail());
  return checker
    .getPropertiesOfType(checker.getTypeOfSymbol(symbol ?? fail()))
    .map(({ name }) => name)
    .sort();
}

function fail(): never {
  throw new Error("the compiler does not see the type");
}

/** The names in the first column of a section's table. */
function documented(section: string): string[] {
  const [, text = ""] = PAGE.split(`## ${section}\n`);
  const rows = (text.split("\n## ")[0] ?? "").split("\n").filter((line) => line.startsWith("| `"));
  return rows.flatMap((row) => (row.split("|")[1] ?? "").match(/(?<=`)\w+(?=`)/g) ?? []).sort();
}

/** The problems that are reported when an option is given to a pipe. */
function problemsOf(pipe: string, name: string): readonly string[] {
  return collectProblems(() =>
    readConfiguration({ tier: "air", [pipe]: { [name]: 1 } } as never, {}),
  ).problems;
}

describe("the page of official settings", () => {
  it("lists each variable of the exporter, the SDK and the resource, and no other", () => {
    const read = variablesOf(
      "exporter-trace-otlp-http",
      "otlp-exporter-base",
      "otlp-transformer",
      "sdk-trace",
      "sdk-trace-base",
      "core",
      "resources",
    );
    expect(read.length).toBeGreaterThan(25);
    expect(documented("Variables of the exporter and the SDK")).toEqual(read);
  });

  it("lists each variable of posthog-node, and no other", () => {
    const source = sourceOf("posthog-node/dist") + sourceOf("@posthog/core/dist");
    const read = [...source.matchAll(/\benv\??\.([A-Z][A-Z_]+)\b/g)].map(([, name = ""]) => name);
    expect(documented("Variables of posthog-node")).toEqual([...new Set(read)].sort());
  });

  it.each([
    [
      "Options of the exporter",
      "otlp",
      "@opentelemetry/otlp-exporter-base",
      "OTLPExporterNodeConfigBase",
    ],
    ["Options of posthog-node", "posthog", "posthog-node", "PostHogOptions"],
  ])(
    "lists all %s, and those that do not exist here are reported by name",
    (section, pipe, module, type) => {
      const options = optionsOf(module, type);
      expect(options.length).toBeGreaterThan(8);
      expect(documented(section)).toEqual(options);
      for (const name of options) {
        // Those that exist here too accept a number, or report it in other words.
        const [problem = ""] = problemsOf(pipe, name);
        const isOurs = ["headers", "host", "flushAt", "flushInterval"].includes(name);
        if (!isOurs) expect(problem).toMatch(`${pipe}.${name}="…" is not usable`);
      }
    },
  );
});
