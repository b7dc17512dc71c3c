import type { HandlerOptions } from "../../lib/handlers/Operation.js";
import { traceHandler } from "../../lib/handlers/traceHandler.js";

// The compiler does the checking; without `register`, the wrapper only calls the handler.
describe("the type of a traced handler", () => {
  it("keeps overloads", () => {
    function read(path: string): string;
    function read(path: string, raw: true): number;
    function read(path: string, raw?: boolean): string | number {
      return raw === true ? path.length : path;
    }
    const traced = traceHandler("read", read);
    const [text, length]: [string, number] = [traced("abc"), traced("abc", true)];
    expect([text, length]).toEqual(["abc", 3]);
    // @ts-expect-error -- There is no such overload.
    traced(1);
  });

  it("keeps type parameters", () => {
    const same = <T>(value: T): T => value;
    const traced = traceHandler("same", same);
    const [text, number]: [string, number] = [traced("a"), traced(1)];
    expect([text, number]).toEqual(["a", 1]);
  });

  it("keeps properties", () => {
    const traced = traceHandler(
      "tagged",
      Object.assign((path: string) => path, { tag: "t" }),
    );
    const tag: string = traced.tag;
    expect([tag, traced("a")]).toEqual(["t", "a"]);
  });

  it("keeps `this`, optional arguments and generators", () => {
    class Files {
      readonly root = "/";
      read = traceHandler("read", function* (this: Files, path: string, times = 1) {
        for (let i = 0; i < times; i++) yield `${this.root}${path}`;
      });
    }
    const texts: string[] = [...new Files().read("a"), ...new Files().read("b", 2)];
    expect(texts).toEqual(["/a", "/b", "/b"]);
  });

  it("is that of an inline handler, whose arguments `method` and the options know", () => {
    interface Request {
      readonly uri: string;
    }
    const options: HandlerOptions<[Request], { failure?: Error }> = {
      errorFromResult: (result) => result.failure,
    };
    const traced = traceHandler(
      (request) => request.uri,
      ({ uri }: Request): { failure?: Error } => (uri === "a" ? {} : { failure: new Error(uri) }),
      { ...options, carrier: (request) => request, attributes: ({ uri }) => ({ uri }) },
    );
    const result: { failure?: Error } = traced({ uri: "a" });
    expect(result).toEqual({});
    const handle = (request: Request): string => request.uri;
    // @ts-expect-error -- The handler's argument is no number.
    traceHandler((line: number) => String(line), handle);
    // @ts-expect-error -- A text is no handler.
    traceHandler("text", "no handler");
  });

  it("lets a handler whose parameters have no types be called with anything", () => {
    const traced = traceHandler("either", (_first, second) => String(second));
    expect(traced("a", 2)).toBe("2");
  });
});
