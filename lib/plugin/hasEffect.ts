import type { AnyNode } from "acorn";
import { walk } from "./syntaxTree.js";

const EFFECTS: ReadonlySet<string> = new Set([
  "AssignmentExpression",
  "UpdateExpression",
  "AwaitExpression",
  "YieldExpression",
  "ImportExpression",
  "TaggedTemplateExpression",
]);
const FUNCTIONS: ReadonlySet<string> = new Set(["FunctionExpression", "ArrowFunctionExpression"]);

/** Calls common in telemetry's arguments that may be left out: they read a clock or the process, or convert a value. */
const PURE_CALLS: ReadonlySet<string> = new Set([
  "String",
  "Number",
  "Boolean",
  "BigInt",
  "Date.now",
  "performance.now",
  "process.hrtime",
  "process.hrtime.bigint",
  "process.memoryUsage",
  "process.uptime",
  "process.cwd",
]);
const PURE_CLASSES: ReadonlySet<string> = new Set([
  "Error",
  "TypeError",
  "RangeError",
  "AggregateError",
  "Date",
  "Map",
  "Set",
]);

/**
 * Whether the application could be affected if an expression is not evaluated. Reading a property does not count as an
 * effect, nor does calling anything in `harmless`.
 */
export function hasEffect(expression: AnyNode, harmless: ReadonlySet<AnyNode>): boolean {
  let found = false;
  walk(expression, (node) => {
    if (found || FUNCTIONS.has(node.type)) return false;
    if (EFFECTS.has(node.type)) found = true;
    if (node.type === "UnaryExpression" && node.operator === "delete") found = true;
    if (node.type === "ClassExpression") found = true;
    if (
      node.type === "CallExpression" &&
      !harmless.has(node.callee) &&
      !PURE_CALLS.has(dottedName(node.callee))
    )
      found = true;
    if (
      node.type === "NewExpression" &&
      !harmless.has(node.callee) &&
      !PURE_CLASSES.has(dottedName(node.callee))
    )
      found = true;
    return !found;
  });
  return found;
}

function dottedName(node: AnyNode): string {
  if (node.type === "Identifier") return node.name;
  if (node.type !== "MemberExpression" || node.computed || node.property.type !== "Identifier")
    return "?";
  return `${dottedName(node.object)}.${node.property.name}`;
}
