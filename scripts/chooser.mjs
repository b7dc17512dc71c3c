/**
 * Makes an entry for bundlers out of a release entry: every exported function gets the full version as the other branch
 * of a check of NODE_ENV. The check is inside each function, as a plain `if` with an `else`, since bundlers do not
 * completely fold away early returns or constants outside functions.
 *
 * @param release The code of the release entry as rolldown prints it: the end of a body is indented like its head.
 * @param full The path of the full entry, as the result should import it.
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
      // The instance is one of the full class, with its private state, but has the prototype of the class made here.
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
