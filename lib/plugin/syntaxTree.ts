import type { AnyNode, Program } from "acorn";
import { parse } from "acorn";
import { analyze } from "eslint-scope";

/** A parsed module with the lookups that a rewrite needs. */
export interface SyntaxTree {
  readonly program: Program;
  parentOf(node: AnyNode): AnyNode | undefined;
  /** All uses of a binding in the module's own scope, in source order, without its declaration. */
  usesOf(name: string): readonly AnyNode[];
  /** How often the variable that this pattern declares is read; undefined if it is exported or not a plain name. */
  readsOf(declaration: AnyNode, pattern: AnyNode): number | undefined;
}

/** @throws SyntaxError if the code is not plain JavaScript */
export function parseModule(code: string): SyntaxTree {
  const program = parse(code, {
    ecmaVersion: "latest",
    sourceType: "module",
    ranges: true,
    allowHashBang: true,
  });
  const parents = new Map<AnyNode, AnyNode>();
  walk(program, (node, parent) => parent && parents.set(node, parent));
  const scopes = analyze(program as never, { ecmaVersion: 2022, sourceType: "module" });
  const moduleScope = scopes.globalScope?.childScopes[0];
  return {
    program,
    parentOf: (node) => parents.get(node),
    usesOf: (name) =>
      (moduleScope?.set.get(name)?.references ?? [])
        .map(({ identifier }) => identifier as unknown as AnyNode)
        .sort((a, b) => a.start - b.start),
    readsOf: (declaration, pattern) => {
      if (pattern.type !== "Identifier") return undefined;
      const variable = scopes
        .getDeclaredVariables(declaration as never)
        .find(({ name }) => name === pattern.name);
      const exported =
        parents.get(parents.get(declaration) ?? declaration)?.type === "ExportNamedDeclaration";
      return variable === undefined || exported
        ? undefined
        : variable.references.filter((reference) => reference.isRead()).length;
    },
  };
}

/** Visits a node and all its descendants; `visit` may return false to skip the descendants. */
export function walk(
  node: AnyNode,
  visit: (node: AnyNode, parent: AnyNode | undefined) => unknown,
  parent?: AnyNode,
): void {
  if (visit(node, parent) === false) return;
  for (const value of Object.values(node) as unknown[]) {
    for (const child of Array.isArray(value) ? (value as unknown[]) : [value])
      if (isNode(child)) walk(child, visit, node);
  }
}

function isNode(value: unknown): value is AnyNode {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as { type?: unknown }).type === "string" &&
    "start" in value
  );
}
