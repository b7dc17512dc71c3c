import type { AnyNode, ImportDeclaration } from "acorn";
import { isBuiltin } from "node:module";
import type { SyntaxTree } from "./syntaxTree.js";

type Specifier = ImportDeclaration["specifiers"][number];

/** Packages that an application commonly takes words for its telemetry from; loading them has no effect. */
const WORDS = /^(?:@opentelemetry\/|posthog-)/;

/** The name that a use of an import stands for; undefined where that is not written there. */
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
 * The imports beside ours that may go when telemetry alone used them: a bundler would keep `import "node:os"`, since
 * it does not know what loading that does. Those of the application's own modules stay, for what they do when loaded.
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
      // What was not used before is not ours to judge.
      .filter(({ specifiers }) =>
        specifiers.every(({ local }) => tree.usesOf(local.name).length > 0),
      )
  );
}

function isWithoutEffect(source: unknown): boolean {
  return typeof source === "string" && (isBuiltin(source) || WORDS.test(source));
}

/** The text of an import with some of its names. */
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
