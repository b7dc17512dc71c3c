import { request } from "node:http";

/** Writes the chunk repeatedly, as fast as it is taken, up to `bytes` or an answer; resolves to the answer's status. */
export function pourInto(
  url: string,
  headers: Record<string, string>,
  chunk: Buffer,
  bytes: number,
): Promise<number> {
  return new Promise((resolve, reject) => {
    let left = bytes;
    let answered = false;
    const sent = request(url, { method: "POST", headers }, (response) => {
      answered = true;
      response.resume();
      resolve(response.statusCode ?? 0);
      sent.destroy();
    });
    sent.on("error", (error) => {
      if (!answered) reject(error);
    });
    const write = (): void => {
      while (left > 0 && !answered && !sent.destroyed) {
        left -= chunk.length;
        if (!sent.write(chunk)) return void sent.once("drain", write);
      }
      if (!answered) sent.end();
    };
    write();
  });
}
