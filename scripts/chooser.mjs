/**
 * Makes an entry for bundlers out of a release entry: every exported function gets the full one as the other branch
 * of a question for NODE_ENV. The question stands inside each function, as a bare `if` with an `else`: early returns
 * and constants outside of functions are what bundlers fail to fold away without a trace.
 *
 * @param release the code of the release entry as rolldown prints it, where a body ends as its head is indented
 * @param full where the full entry is, as the result should import it
 */
export function makeChooser(release, full) {
  const names = [];
  const choose = (head, body, call) =>
    `${head} { if (process.env.NODE_ENV === "production") ${body} else { return ${call}; } }`;
  const chooser = release
    .replaceAll(
      /^(export function (\w+)\(.*\)) (\{(?:\}|\n[^]*?\n\}))$/gm,
      (_, head, name, body) => {
        names.push(name);
        return choose(head, body, `full_${name}(...arguments)`);
      },
    )
    .replaceAll(/^export class (\w+) \{\n[^]*?\n\}$/gm, (whole, name) => {
      names.push(name);
      // The instance is one of the full class, with its private state, under the prototype of the chosen one.
      return whole.replaceAll(
        /^(\t(\w+)\(.*\)) (\{(?:\}|\n[^]*?\n\t\}))$/gm,
        (_, head, method, body) => {
          const call =
            method === "constructor"
              ? `Reflect.construct(full_${name}, arguments, new.target)`
              : `full_${name}.prototype.${method}.apply(this, arguments)`;
          return choose(head, body, call);
        },
      );
    });
  const imports = names.map((name) => `${name} as full_${name}`).join(", ");
  return `import { ${imports} } from ${JSON.stringify(full)};\n${chooser}`;
}
