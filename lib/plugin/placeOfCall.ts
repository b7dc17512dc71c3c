import type { AnyNode } from "acorn";
import type { SyntaxTree } from "./syntaxTree.js";
import { walk } from "./syntaxTree.js";

/** A place where the result of a call is not used: the expression that can be removed, and the statement with it. */
export interface UnusedPlace {
  readonly expression: AnyNode;
  readonly statement?: AnyNode;
  /** Whether the statement is one of a list, so that nothing has to take its place. */
  readonly inList: boolean;
}

/** The place of a call whose result is unused; undefined for any other call. */
export function isUnused(call: AnyNode, tree: SyntaxTree): UnusedPlace | undefined {
  let expression = call;
  let parent = tree.parentOf(expression);
  while (
    parent?.type === "AwaitExpression" ||
    parent?.type === "ChainExpression" ||
    (parent?.type === "UnaryExpression" && parent.operator === "void")
  ) {
    expression = parent;
    parent = tree.parentOf(expression);
  }
  if (parent?.type === "ExpressionStatement")
    return { expression, statement: parent, inList: isList(tree.parentOf(parent)) };
  if (parent?.type !== "VariableDeclarator") return undefined;
  const declaration = tree.parentOf(parent);
  if (declaration?.type !== "VariableDeclaration" || tree.readsOf(parent, parent.id) !== 0)
    return undefined;
  const alone = declaration.declarations.length === 1 && isList(tree.parentOf(declaration));
  return alone
    ? { expression, statement: declaration, inList: true }
    : { expression, inList: false };
}

function isList(node: AnyNode | undefined): boolean {
  return (
    node?.type === "Program" || node?.type === "BlockStatement" || node?.type === "StaticBlock"
  );
}

/** How the function passed to `withSpan` can run without it: the part that stays and what it replaces. */
export interface Runnable {
  /** The function itself, which is then called; the expression it returns; or its block. */
  readonly body: AnyNode;
  /** The statement that the block replaces. */
  readonly statement?: AnyNode;
}

/** Returns undefined if the function may use the span it is given. */
export function runnable(fn: AnyNode, call: AnyNode, tree: SyntaxTree): Runnable | undefined {
  if (fn.type === "Identifier")
    return takesNothing(localFunction(fn.name, tree)) ? { body: fn } : undefined;
  if (
    (fn.type !== "ArrowFunctionExpression" && fn.type !== "FunctionExpression") ||
    !takesNothing(fn)
  )
    return undefined;
  if (fn.type === "FunctionExpression" || fn.async) return { body: fn };
  if (fn.body.type !== "BlockStatement") return { body: fn.body };
  const statement = tree.parentOf(call);
  const isStatement = statement?.type === "ExpressionStatement" && statement.expression === call;
  const isReturn = statement?.type === "ReturnStatement";
  if (
    (isStatement && !leaves(fn.body, true)) ||
    (isReturn && !leaves(fn.body, false) && fn.body.body.at(-1)?.type === "ReturnStatement")
  )
    return { body: fn.body, statement };
  return { body: fn };
}

/** Whether a block would mean something else outside its function: for `var`, functions and, if `returns`, `return`. */
function leaves(block: AnyNode, returns: boolean): boolean {
  let found = false;
  walk(block, (node) => {
    if (
      node.type === "FunctionDeclaration" ||
      (node.type === "VariableDeclaration" && node.kind === "var")
    )
      found = true;
    if (returns && node.type === "ReturnStatement") found = true;
    return (
      !found &&
      node.type !== "FunctionExpression" &&
      node.type !== "ArrowFunctionExpression" &&
      node.type !== "FunctionDeclaration"
    );
  });
  return found;
}

function takesNothing(fn: AnyNode | undefined): boolean {
  if (
    fn?.type !== "ArrowFunctionExpression" &&
    fn?.type !== "FunctionExpression" &&
    fn?.type !== "FunctionDeclaration"
  )
    return false;
  if (fn.params.length > 0) return false;
  if (fn.type === "ArrowFunctionExpression") return true;
  let looks = false;
  walk(fn.body, (node) => {
    if (node.type === "Identifier" && node.name === "arguments") looks = true;
    return !looks;
  });
  return !looks;
}

/** The value that a name has throughout the module; undefined if it is declared or assigned more than once. */
function localFunction(name: string, tree: SyntaxTree): AnyNode | undefined {
  const declared: AnyNode[] = [];
  walk(tree.program, (node) => {
    if (
      (node.type === "FunctionDeclaration" || node.type === "ClassDeclaration") &&
      node.id?.name === name
    )
      declared.push(node);
    if (
      node.type === "VariableDeclarator" &&
      node.id.type === "Identifier" &&
      node.id.name === name
    )
      declared.push(node);
    if (
      node.type === "AssignmentExpression" &&
      node.left.type === "Identifier" &&
      node.left.name === name
    )
      declared.push(node, node);
    if ("params" in node)
      for (const param of node.params)
        walk(
          param,
          (part) => part.type === "Identifier" && part.name === name && declared.push(part, part),
        );
    return true;
  });
  const [only, ...others] = declared;
  if (others.length > 0) return undefined;
  return only?.type === "VariableDeclarator" ? (only.init ?? undefined) : only;
}
