import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as ts from "typescript";

/** What a caller needs to know of a public function's parameter. */
export interface Parameter {
  readonly name: string;
  readonly kind: "text" | "number" | "function" | "object" | "any";
  /** The members that its type names. */
  readonly members: readonly string[];
}

/** A function or class that an application can import. */
export interface PublicFunction {
  readonly path: string;
  readonly name: string;
  readonly parameters: readonly Parameter[];
}

const ROOT = join(__dirname, "..", "..");
/** For builds, not for the processes of an application: misuse there fails the build. */
const TOOLS = ["./plugin", "./package.json"];

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, { readonly import?: { readonly types?: string } }>>;
}

/** Every function and class of every subpath, from the declarations that the build has written. */
export function publicFunctions(): readonly PublicFunction[] {
  const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Manifest;
  const entries = Object.keys(manifest.exports).filter((path) => !TOOLS.includes(path));
  const fileOf = (path: string): string =>
    join(ROOT, "dist/types", `${path === "." ? "index" : path.slice(2)}.d.ts`);
  const program = ts.createProgram(entries.map(fileOf), {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    skipLibCheck: true,
    strict: true,
    types: ["node"],
  });
  const checker = program.getTypeChecker();
  return entries.flatMap((path) => {
    const source = program.getSourceFile(fileOf(path));
    const module = source && checker.getSymbolAtLocation(source);
    if (module === undefined) throw new Error(`${fileOf(path)} has no exports; was it built?`);
    return checker.getExportsOfModule(module).flatMap((symbol) => {
      const type = checker.getTypeOfSymbol(symbol);
      const signatures = [...type.getCallSignatures(), ...type.getConstructSignatures()];
      // The last overload has the most parameters.
      const signature = signatures.at(-1);
      if (signature === undefined) return [];
      const parameters = signature.getParameters().map((parameter): Parameter => {
        const given = checker.getNonNullableType(checker.getTypeOfSymbol(parameter));
        return { name: parameter.name, kind: kindOf(given), members: membersOf(given) };
      });
      return [{ path: join(manifest.name, path), name: symbol.name, parameters }];
    });
  });
}

function kindOf(type: ts.Type): Parameter["kind"] {
  if (type.getCallSignatures().length > 0) return "function";
  if (type.flags & ts.TypeFlags.StringLike) return "text";
  if (type.flags & ts.TypeFlags.NumberLike) return "number";
  if (type.isUnion() && type.types.every(({ flags }) => flags & ts.TypeFlags.StringLike))
    return "text";
  if (type.isUnion())
    return kindOf(type.types.find(({ flags }) => !(flags & ts.TypeFlags.StringLike)) ?? type);
  return type.flags & ts.TypeFlags.Object ? "object" : "any";
}

/** The members of a type; for a union, those of all its parts. */
function membersOf(type: ts.Type): readonly string[] {
  const parts = type.isUnion() ? type.types : [type];
  const objects = parts.filter(({ flags }) => flags & ts.TypeFlags.Object);
  return [
    ...new Set(objects.flatMap((part) => part.getProperties().map(({ name }) => name))),
  ].filter((name) => !name.startsWith("__"));
}
