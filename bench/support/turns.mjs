import { fork } from "node:child_process";
import { createServer } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pipesTo } from "./options.mjs";

const PROGRAM = fileURLToPath(new URL("../programs/spans.mjs", import.meta.url));

/** A collector that accepts everything and counts its requests. */
export async function startReceiver() {
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      receiver.requests++;
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const receiver = {
    requests: 0,
    url: `http://127.0.0.1:${server.address().port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return receiver;
}

/**
 * Runs one job of programs/spans.mjs in one process per variant, a round of each in turn, so that other processes on
 * the machine affect all of them alike. Returns the results by variant.
 */
export async function takeTurns({
  project,
  variants,
  job,
  rounds,
  warmUp,
  url,
  execArgv = [],
  env = {},
}) {
  const spool = mkdtempSync(join(tmpdir(), "land-bench-"));
  const children = variants.map((variant) => ({
    variant,
    results: [],
    child: fork(PROGRAM, [variant, project, url], {
      execArgv: ["--expose-gc", ...execArgv],
      env: { ...pipesTo(url, join(spool, variant.replaceAll(/\W/g, "-"))), ...env },
    }),
  }));
  for (let round = 0; round < rounds + warmUp; round++) {
    for (const { child, results } of round % 2 === 0 ? children : children.toReversed()) {
      const result = await new Promise((resolve, reject) => {
        child.once("message", resolve);
        child.once("exit", (code) => reject(new Error(`A variant of ${job} ended with ${code}.`)));
        child.send({ job });
      });
      child.removeAllListeners("exit");
      if (round >= warmUp) results.push(result);
    }
  }
  for (const { child } of children) child.kill("SIGKILL");
  rmSync(spool, { recursive: true, force: true });
  return new Map(children.map(({ variant, results }) => [variant, results]));
}
