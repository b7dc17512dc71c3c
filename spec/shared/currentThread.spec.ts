import { threadId, Worker } from "node:worker_threads";
import { buildSync } from "esbuild";
import { currentThread } from "../../lib/shared/currentThread";

describe("currentThread", () => {
  it("is the thread id that node:worker_threads reports, here and in a worker", async () => {
    expect(currentThread()).toBe(threadId);
    const [file] = buildSync({
      entryPoints: ["lib/shared/currentThread.ts"],
      write: false,
      format: "cjs",
    }).outputFiles;
    const worker = new Worker(
      `${file?.text ?? ""}; require("node:worker_threads").parentPort.postMessage(module.exports.currentThread());`,
      { eval: true },
    );
    const { threadId: expected } = worker;
    expect(
      await new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject)),
    ).toBe(expected);
    await worker.terminate();
  });
});
