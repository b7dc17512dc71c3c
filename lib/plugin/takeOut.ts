import type { AnyNode, CallExpression, ImportDeclaration, NewExpression } from "acorn";
import MagicString from "magic-string";
import { Tier } from "../resource/Tier.js";
import { hasEffect } from "./hasEffect.js";
import { importOf, importedName, othersOf } from "./imports.js";
import { isUnused, runnable } from "./placeOfCall.js";
import type { SyntaxTree } from "./syntaxTree.js";
import { parseModule } from "./syntaxTree.js";
import { LISTS, REPLACEMENTS } from "./telemetryNames.js";

/** A module without its telemetry. */
export interface WithoutTelemetry {
  readonly code: string;
  readonly map: ReturnType<MagicString["generateMap"]>;
}

/**
 * Removes the calls of this package from a module, with the names and properties passed to them, and then the imports
 * that are no longer used; undefined if there was nothing to remove. What a call runs (the function of `withSpan`, a
 * handler) stays, with its `this`; so does an argument whose evaluation has a side effect. A call whose result is used
 * and has no simple substitute stays too, and the release entry answers it.
 *
 * @throws SyntaxError if the code is not plain JavaScript
 */
export function takeOut(
  code: string,
  packageName: string,
  file?: string,
): WithoutTelemetry | undefined {
  if (!code.includes(packageName)) return undefined;
  const tree = parseModule(code);
  const module = new Module(code, tree);
  const imports = tree.program.body
    .filter((node) => node.type === "ImportDeclaration")
    .filter(({ source }) => isOurs(source.value, packageName));
  for (const declaration of imports) module.findUses(declaration);
  module.takeOutUses();
  for (const declaration of imports) module.takeOutImport(declaration);
  for (const declaration of othersOf(tree, imports)) module.takeOutImport(declaration);
  if (!module.text.hasChanged()) return undefined;
  return {
    code: module.text.toString(),
    map: module.text.generateMap({ source: file ?? "", includeContent: true, hires: "boundary" }),
  };
}

function isOurs(source: unknown, packageName: string): boolean {
  return (
    source === packageName ||
    (typeof source === "string" &&
      source.startsWith(`${packageName}/`) &&
      source !== `${packageName}/plugin`)
  );
}

/** Number of characters before a call that are searched for an annotation for minifiers. */
const MAX_ANNOTATION = 100;

/** Expressions that bind more tightly than anything that can surround a call. */
const PLAIN: ReadonlySet<string> = new Set([
  "Identifier",
  "MemberExpression",
  "CallExpression",
  "Literal",
  "ThisExpression",
]);

/** Parents in which any expression may stand. */
const APART: ReadonlySet<string> = new Set([
  "VariableDeclarator",
  "Property",
  "PropertyDefinition",
  "ArrayExpression",
  "ReturnStatement",
]);

type Call = CallExpression | NewExpression;

class Module {
  readonly text: MagicString;
  readonly #tree: SyntaxTree;
  readonly #code: string;
  /** Parts that have been removed or replaced, in that order. */
  readonly #gone: { start: number; end: number }[] = [];
  readonly #uses: { name: string; use: AnyNode }[] = [];

  /** Uses of this package's names, calls of which do not affect the application; only `withSpan` runs its code. */
  readonly #harmless = new Set<AnyNode>();

  constructor(code: string, tree: SyntaxTree) {
    this.#code = code;
    this.#tree = tree;
    this.text = new MagicString(code);
  }

  findUses({ specifiers }: ImportDeclaration): void {
    for (const specifier of specifiers) {
      const { name: local } = specifier.local;
      for (const use of this.#tree.usesOf(local)) {
        const whole =
          specifier.type === "ImportNamespaceSpecifier" ? this.#tree.parentOf(use) : use;
        const name = importedName(specifier, whole);
        if (whole === undefined || name === undefined) continue;
        this.#uses.push({ name, use: whole });
        if (name !== "withSpan") this.#harmless.add(whole);
      }
    }
  }

  takeOutUses(): void {
    // Outer calls first: what is removed with them needs no substitute.
    for (const { name, use } of this.#uses.splice(0).sort((a, b) => a.use.start - b.use.start))
      if (!this.#isGone(use)) this.#replaceUse(name, use);
  }

  /** Removes the names that are no longer used, and the whole import if none is left. */
  takeOutImport(declaration: ImportDeclaration): void {
    const { specifiers } = declaration;
    const kept = specifiers.filter(({ local }) =>
      this.#tree.usesOf(local.name).some((use) => !this.#isGone(use)),
    );
    if (kept.length === specifiers.length && specifiers.length > 0) return;
    if (kept.length === 0) this.#remove(declaration.start, endOfLine(this.#code, declaration.end));
    else
      this.text.overwrite(
        declaration.start,
        declaration.end,
        importOf(kept, declaration, this.#code),
      );
  }

  #replaceUse(name: string, use: AnyNode): void {
    const parent = this.#tree.parentOf(use);
    if (name === "Tier" && parent?.type === "MemberExpression" && parent.object === use) {
      const value =
        !parent.computed && parent.property.type === "Identifier"
          ? (Tier as Record<string, string>)[parent.property.name]
          : undefined;
      if (value !== undefined) this.#overwrite(parent, JSON.stringify(value));
      return;
    }
    const isCall =
      (parent?.type === "CallExpression" || parent?.type === "NewExpression") &&
      parent.callee === use;
    if (!isCall || parent.arguments.some(({ type }) => type === "SpreadElement")) return;
    this.#takeOutAnnotation(parent);
    const replacement = Object.hasOwn(REPLACEMENTS, name) ? REPLACEMENTS[name] : undefined;
    if (replacement === undefined) return;

    if (replacement === "run") this.#run(parent);
    else if (typeof replacement === "object" && "argument" in replacement)
      this.#keepArgument(parent, replacement.argument);
    else if (this.#takeOutUnused(parent)) return;
    else if (typeof replacement === "object")
      this.#overwrite(parent, this.#withEffects(parent.arguments, replacement.value));
    else if (replacement === "element") this.#takeOutElement(parent);
  }

  /** Removes an annotation for minifiers before a call: left behind, it would apply to the next call. */
  #takeOutAnnotation(call: Call): void {
    const annotation = /(?:\/\*\s*[@#]__[A-Z_]+__\s*\*\/\s*)+$/.exec(
      this.#code.slice(Math.max(0, call.start - MAX_ANNOTATION), call.start),
    );
    if (annotation !== null) this.#remove(call.start - annotation[0].length, call.start);
  }

  /** Removes a call whose result is unused. Returns false for any other call. */
  #takeOutUnused(call: Call): boolean {
    const place = isUnused(call, this.#tree);
    if (place === undefined) return false;
    if (this.#effectsOf(call.arguments).length > 0)
      this.#overwrite(
        place.expression,
        this.#separator(place.expression) + this.#withEffects(call.arguments, "void 0"),
      );
    else if (place.statement === undefined) this.#overwrite(place.expression, "void 0");
    else if (place.inList && !/^\s*[([`+\-/]/.test(this.#code.slice(place.statement.end)))
      this.#remove(place.statement.start, endOfLine(this.#code, place.statement.end));
    else this.#overwrite(place.statement, ";");
    return true;
  }

  #takeOutElement(call: Call): void {
    const list = this.#tree.parentOf(call);
    const property = list && this.#tree.parentOf(list);
    if (
      list?.type !== "ArrayExpression" ||
      property?.type !== "Property" ||
      property.computed ||
      property.key.type !== "Identifier" ||
      !LISTS.has(property.key.name)
    )
      return;
    if (this.#effectsOf(call.arguments).length > 0) return;
    const index = list.elements.findIndex((element) => element === call);
    const next = list.elements[index + 1];
    const previous = list.elements[index - 1];
    // Together with the comma before it or, if nothing is left before it, the one after it.
    const start = previous && !this.#isGone(previous) ? previous.end : call.start;
    this.#remove(start, start === call.start && next ? next.start : call.end);
  }

  #keepArgument(call: Call, index: number): void {
    const kept = call.arguments[index];
    const others = call.arguments.filter((argument) => argument !== kept);
    if (kept === undefined) return;
    const unused = isUnused(call, this.#tree);
    if (unused !== undefined && !hasEffect(kept, this.#harmless) && this.#takeOutUnused(call))
      return;
    if (this.#effectsOf(others).length > 0) return;
    this.#remove(call.start, kept.start);
    this.#remove(kept.end, call.end);
    this.#parenthesise(kept, call);
  }

  #run(call: Call): void {
    const fn = call.arguments.at(-1);
    const before = call.arguments.slice(0, -1);
    if (
      fn === undefined ||
      before.length === 0 ||
      before.length > 2 ||
      this.#effectsOf(before).length > 0
    )
      return;
    const way = runnable(fn, call, this.#tree);
    if (way === undefined) {
      // The function may use its span, so the release entry passes it one. The name is removed anyway.
      this.#gone.push({
        start: before[0]?.start ?? call.start,
        end: before.at(-1)?.end ?? call.start,
      });
      this.text.overwrite(before[0]?.start ?? call.start, before.at(-1)?.end ?? call.start, `""`);
      return;
    }
    if (way.statement !== undefined) {
      this.#remove(way.statement.start, way.body.start);
      this.#remove(way.body.end, way.statement.end);
      return;
    }
    this.#remove(call.start, way.body.start);
    this.#remove(way.body.end, call.end);
    if (way.body !== fn) {
      this.#parenthesise(way.body, call);
      return;
    }
    if (fn.type !== "Identifier") {
      this.text.appendRight(fn.start, `${this.#separator(call)}(`);
      this.text.appendLeft(fn.end, ")");
    }
    this.text.appendLeft(fn.end, "()");
  }

  /** Keeps `inner` one expression, separate from the line before it and, when called, not a method of its object. */
  #parenthesise(inner: AnyNode, call: Call): void {
    const isCalled = inner.type === "MemberExpression" && !this.#isApart(call);
    if (
      !isCalled &&
      (PLAIN.has(inner.type) || (inner.type !== "SequenceExpression" && this.#isApart(call)))
    )
      return;
    this.text.appendRight(inner.start, `${this.#separator(call)}(${isCalled ? "0, " : ""}`);
    this.text.appendLeft(inner.end, ")");
  }

  /** Whether any expression may stand here. Minifiers keep parentheses around a function: a hint that it runs soon. */
  #isApart(call: Call): boolean {
    const place = this.#tree.parentOf(call);
    if (place?.type === "CallExpression" || place?.type === "NewExpression")
      return place.callee !== call;
    return place !== undefined && APART.has(place.type);
  }

  /** In code without semicolons, a line that starts with a parenthesis would continue the line before it. */
  #separator(expression: AnyNode): string {
    let node: AnyNode | undefined = expression;
    while (
      node !== undefined &&
      node.type !== "ExpressionStatement" &&
      node.start === expression.start
    )
      node = this.#tree.parentOf(node);
    if (node?.type !== "ExpressionStatement" || node.start !== expression.start) return "";
    const list = this.#tree.parentOf(node)?.type;
    return list === "Program" || list === "BlockStatement" || list === "StaticBlock" ? ";" : "";
  }

  #effectsOf(parts: readonly AnyNode[]): readonly AnyNode[] {
    return parts.filter((part) => hasEffect(part, this.#harmless));
  }

  /** A substitute, preceded by the parts that must still be evaluated. */
  #withEffects(parts: readonly AnyNode[], value: string): string {
    const effects = this.#effectsOf(parts).map(({ start, end }) => this.#code.slice(start, end));
    return effects.length === 0 ? value : `(${[...effects, value].join(", ")})`;
  }

  #overwrite({ start, end }: AnyNode, by: string): void {
    this.#gone.push({ start, end });
    this.text.overwrite(start, end, by);
  }

  #remove(start: number, end: number): void {
    if (start >= end) return;
    this.#gone.push({ start, end });
    this.text.remove(start, end);
  }

  #isGone({ start, end }: AnyNode): boolean {
    return this.#gone.some((part) => part.start <= start && end <= part.end);
  }
}

function endOfLine(code: string, end: number): number {
  return code.startsWith("\r\n", end) ? end + 2 : code[end] === "\n" ? end + 1 : end;
}
