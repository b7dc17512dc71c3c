import type { AnyNode, ImportDeclaration } from "acorn";
import { isBuiltin } from "node:module";
import type { SyntaxTree } from "./syntaxTree.js";

type Specifier = ImportDeclaration["specifiers"][number];

/** Packages from which applications often import names for their telemetry; loading them has no side effects. */
const WORDS = /^(?:@opentelemetry\/|posthog-)/;

/** The exported name that a use of an import refers to; undefined if the code does not state it. */
export function importedName(specifier: Specifier, use: AnyNode | undefined): string | undefined {
  if (specifier.type === "ImportSpecifier")
    return specifier.imported.type === "Identifier"
      ? specifier.imported.name
      : String(specifier.imported.value);
  if (
    specifier.type !== "ImportNamespaceSpecifier" ||
    use?.type !== "MemberExpression" ||
    use.computed
  )
    return undefined;
  return use.property.type === "Identifier" ? use.property.name : undefined;
}

/**
 * The imports other than ours that may be removed if only telemetry used them: a bundler would keep `import "node:os"`,
 * since it does not know what loading it does. Imports of the application's own modules stay, for their side effects.
 */
export function othersOf(
  tree: SyntaxTree,
  ours: readonly ImportDeclaration[],
): readonly ImportDeclaration[] {
  return (
    tree.program.body
      .filter((node) => node.type === "ImportDeclaration")
      .filter(
        (node) =>
          !ours.includes(node) && node.specifiers.length > 0 && isWithoutEffect(node.source.value),
      )
      // Imports that were unused before are left alone.
      .filter(({ specifiers }) =>
        specifiers.every(({ local }) => tree.usesOf(local.name).length > 0),
      )
  );
}

function isWithoutEffect(source: unknown): boolean {
  return typeof source === "string" && (isBuiltin(source) || WORDS.test(source));
}

/** The source text of an import with only the names in `kept`. */
export function importOf(
  kept: readonly Specifier[],
  { source }: ImportDeclaration,
  code: string,
): string {
  const text = ({ start, end }: Specifier): string => code.slice(start, end);
  const named = kept.filter(({ type }) => type === "ImportSpecifier").map(text);
  const clause = [
    ...kept.filter(({ type }) => type !== "ImportSpecifier").map(text),
    ...(named.length === 0 ? [] : [`{ ${named.join(", ")} }`]),
  ].join(", ");
  return `import ${clause} from ${source.raw ?? JSON.stringify(source.value)};`;
}
