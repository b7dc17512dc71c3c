import type { Message } from "vscode-jsonrpc";
import { Emitter } from "vscode-jsonrpc/node";
import { traceConnection } from "../../../lib/jsonrpc.js";

class Reader {
  #opened = 0;
  name = "reader";
  readonly onClose = new Emitter<void>().event;
  readonly onError = new Emitter<Error>().event;
  readonly onPartialMessage = new Emitter<{ messageToken: number; waitingTime: number }>().event;
  open(): number {
    return ++this.#opened;
  }
  listen(): { dispose(): void } {
    return { dispose: () => undefined };
  }
  dispose(): void {
    this.name = "disposed";
  }
}

class Writer {
  readonly onClose = new Emitter<void>().event;
  readonly onError = new Emitter<[Error, Message | undefined, number | undefined]>().event;
  readonly written: Message[] = [];
  write(message: Message): Promise<void> {
    this.written.push(message);
    return Promise.resolve();
  }
  end(): void {
    this.written.length = 0;
  }
  dispose(): void {
    this.end();
  }
}

describe("a stand-in for a reader or writer", () => {
  it("behaves like the one below it, including its private fields", () => {
    const below = new Reader();
    const { reader } = traceConnection(below, new Writer());
    const { open } = reader;
    expect([reader.open(), below.open(), open(), reader.name]).toEqual([1, 2, 3, "reader"]);
    expect(reader).toBeInstanceOf(Reader);
    expect(["open" in reader, "nothing" in reader]).toEqual([true, false]);
  });

  it("sets members of the one below and disposes it, whose methods stay unchanged", () => {
    const below = new Reader();
    const { dispose } = below;
    const { reader } = traceConnection(below, new Writer());
    reader.name = "other";
    expect(below.name).toBe("other");
    reader.dispose();
    expect([below.name, below.dispose]).toEqual(["disposed", dispose]);
  });

  it("works for a frozen one too", async () => {
    const below = Object.freeze(new Writer());
    const { writer } = traceConnection(new Reader(), below);
    await writer.write({ jsonrpc: "2.0" });
    expect(below.written).toEqual([{ jsonrpc: "2.0" }]);
    writer.dispose();
    expect(below.written).toEqual([]);
  });
});
