/**
 * Makes an entry for bundlers out of its release build: every exported function gets the full one as the other
 * branch of a question for NODE_ENV. The question stands inside each function, as a bare `if` with an `else`: early
 * returns and constants outside of functions are what bundlers fail to fold away without a trace.
 */
import { parse } from "acorn";
import MagicString from "magic-string";

const QUESTION = `if (process.env.NODE_ENV === "production")`;

/**
 * @param release the code of the release entry, one ES module that exports declarations and imports nothing
 * @param full where the full entry is, as the result should import it
 */
export function makeChooser(release, full) {
  const program = parse(release, { ecmaVersion: "latest", sourceType: "module" });
  const code = new MagicString(release);
  const exported = new Set(
    program.body.flatMap(({ specifiers }) => specifiers ?? []).map(({ local }) => local.name),
  );
  const imported = [];
  for (const declaration of program.body) {
    if (declaration.type === "ImportDeclaration")
      throw new Error("A release entry imports nothing.");
    // Plain data, such as Tier, has no `id` and is the same in both.
    const name = declaration.id?.name;
    if (!exported.has(name)) continue;
    imported.push(`${name} as full_${name}`);
    if (declaration.type === "ClassDeclaration") chooseMethods(code, declaration, `full_${name}`);
    else choose(code, declaration, `full_${name}(...arguments)`);
  }
  code.prepend(`import { ${imported.join(", ")} } from ${JSON.stringify(full)};\n`);
  return code.toString();
}

function choose(code, { async, generator, body }, call) {
  if (async || generator) throw new Error("A release entry has plain functions only.");
  code.appendRight(body.start, `{ ${QUESTION} `);
  code.appendLeft(body.end, ` else { return ${call}; } }`);
}

/** The instance is one of the full class, with its private state, under the prototype of the chosen one. */
function chooseMethods(code, { body }, other) {
  for (const member of body.body) {
    if (member.type !== "MethodDefinition" || member.kind === "get" || member.static)
      throw new Error("A class of a release entry has plain methods only.");
    const call =
      member.kind === "constructor"
        ? `Reflect.construct(${other}, arguments, new.target)`
        : `${other}.prototype.${member.key.name}.apply(this, arguments)`;
    choose(code, member.value, call);
  }
}
