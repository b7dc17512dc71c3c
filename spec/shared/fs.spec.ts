import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { context } from "@opentelemetry/api";
import { isTracingSuppressed } from "@opentelemetry/core";
import nodeFs from "node:fs";
import { fs } from "../../lib/shared/fs.js";

beforeAll(() => context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));
afterAll(() => context.disable());

describe("fs", () => {
  it("has the values of node:fs, and its functions as they are at the time of the call", () => {
    expect(fs.constants).toBe(nodeFs.constants);
    expect(fs.constants.O_RDONLY).toBe(0);
    const patched = jest.spyOn(nodeFs, "existsSync").mockReturnValue(true);
    expect(fs.existsSync("/nowhere")).toBe(true);
    patched.mockRestore();
    expect(fs.existsSync("/nowhere")).toBe(false);
  });

  it("calls functions with all arguments and without tracing", () => {
    let suppressed: boolean | undefined;
    const patched = jest.spyOn(nodeFs, "readFileSync").mockImplementation((...args: unknown[]) => {
      suppressed = isTracingSuppressed(context.active());
      return JSON.stringify(args);
    });
    expect(fs.readFileSync("/a", "utf8")).toBe('["/a","utf8"]');
    expect(suppressed).toBe(true);
    patched.mockRestore();
    expect(isTracingSuppressed(context.active())).toBe(false);
  });
});
