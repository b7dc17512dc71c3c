/**
 * Makes an entry for bundlers out of its release build: every exported function gets the full one as the other
 * branch of a question for NODE_ENV. The question stands inside each function, as a bare `if` with an `else`: early
 * returns and constants outside of functions are what bundlers fail to fold away without a trace.
 */
import { parse } from "acorn";
import MagicString from "magic-string";

const QUESTION = `if (process.env.NODE_ENV === "production")`;

/**
 * @param release the code of the release entry, one ES module without imports
 * @param full where the full entry is, as the result should import it
 */
export function makeChooser(release, full) {
  const program = parse(release, { ecmaVersion: "latest", sourceType: "module" });
  const code = new MagicString(release);
  const declarations = new Map(program.body.filter(({ id }) => id).map((node) => [node.id.name, node]));
  const imported = [];

  for (const { local, exported } of program.body.flatMap(({ type, specifiers }) => (type === "ExportNamedDeclaration" ? specifiers : []))) {
    const declaration = declarations.get(local.name) ?? classIn(program, local.name);
    // Plain data, such as Tier, is the same in both.
    if (declaration === undefined) continue;
    const other = `full_${exported.name}`;
    imported.push(`${exported.name} as ${other}`);
    if (declaration.type === "FunctionDeclaration") choose(code, declaration, `${other}(...arguments)`);
    else chooseMethods(code, declaration, other);
  }
  code.prepend(`import { ${imported.join(", ")} } from ${JSON.stringify(full)};\n`);
  return code.toString();
}

/** esbuild writes a class declaration as a variable. */
function classIn(program, name) {
  const variables = program.body.flatMap(({ declarations }) => declarations ?? []);
  const init = variables.find(({ id }) => id.name === name)?.init;
  return init?.type === "ClassExpression" ? init : undefined;
}

function choose(code, { async, generator, body }, call) {
  if (async || generator) throw new Error("A release entry has plain functions only.");
  code.appendRight(body.start, `{ ${QUESTION} `);
  code.appendLeft(body.end, ` else { return ${call}; } }`);
}

/** The instance is one of the full class, with its private state, under the prototype of the chosen one. */
function chooseMethods(code, { body }, other) {
  for (const member of body.body) {
    if (member.type !== "MethodDefinition" || member.kind === "get" || member.static) throw new Error("A class of a release entry has plain methods only.");
    const call = member.kind === "constructor" ? `Reflect.construct(${other}, arguments, new.target)` : `${other}.prototype.${member.key.name}.apply(this, arguments)`;
    choose(code, member.value, call);
  }
}
