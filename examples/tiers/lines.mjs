import { createInterface } from "node:readline";

/** Calls back with every line of a stream, parsed as JSON; resolves at its end. */
export function onMessages(stream, handle) {
  const lines = createInterface({ input: stream });
  lines.on("line", (line) => handle(JSON.parse(line)));
  return new Promise((resolve) => lines.once("close", resolve));
}

export function sendMessage(stream, message) {
  stream.write(`${JSON.stringify(message)}\n`);
}
