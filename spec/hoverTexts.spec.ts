import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

const ROOT = join(__dirname, "..");
const { exports: entries } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  exports: Record<string, unknown>;
};

/** Entries whose other names are OTLP's or a bundler's and are documented there; only options are checked. */
const DESCRIBED_ELSEWHERE: ReadonlySet<string> = new Set(["./inspector", "./plugin"]);

/** The declaration files of an entry, as an editor finds them. */
function declarationsIn(conditions: unknown): string[] {
  if (typeof conditions === "string")
    return conditions.endsWith(".d.ts") ? [join(ROOT, conditions)] : [];
  return Object.values(conditions as object).flatMap(declarationsIn);
}

/** The names without documentation, as `entry name` and `entry Type.member`. */
function untold(entry: string, file: string, program: ts.Program): string[] {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  if (module === undefined) return [];
  const isTold = (symbol: ts.Symbol): boolean =>
    symbol.getDocumentationComment(checker).some(({ text }) => text.trim() !== "");
  // Members that come from another package are documented there.
  const isOurs = ({ declarations = [] }: ts.Symbol): boolean =>
    declarations.some(
      (each) =>
        !each.getSourceFile().fileName.includes("/node_modules/") &&
        !(ts.isPropertyDeclaration(each) && ts.isPrivateIdentifier(each.name)),
    );
  return checker.getExportsOfModule(module).flatMap((exported) => {
    const symbol =
      exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    const { name } = exported;
    const isValue = (symbol.flags & ts.SymbolFlags.Variable) !== 0;
    const isType = (symbol.flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.Class)) !== 0;
    const type = isValue
      ? checker.getTypeOfSymbolAtLocation(symbol, source as ts.SourceFile)
      : checker.getDeclaredTypeOfSymbol(symbol);
    const members = isValue || isType ? type.getProperties().filter(isOurs) : [];
    if (DESCRIBED_ELSEWHERE.has(entry) && !name.endsWith("Options")) return [];
    return [
      ...(isTold(symbol) || isTold(exported) ? [] : [`${entry} ${name}`]),
      ...members
        .filter((member) => !isTold(member))
        .map((member) => `${entry} ${name}.${member.name}`),
    ];
  });
}

it("every exported name, member and option has the documentation that an editor shows", () => {
  const files = new Map(
    Object.entries(entries).flatMap(([entry, conditions]) =>
      declarationsIn(conditions).map((file) => [file, entry] as const),
    ),
  );
  expect(files.size).toBeGreaterThan(8);
  const program = ts.createProgram([...files.keys()], {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    skipLibCheck: true,
    types: ["node"],
  });
  const found = [...files].flatMap(([file, entry]) => untold(entry, file, program));
  expect([...new Set(found)]).toEqual([]);
});
