import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { prepareLater } from "../../lib/shared/prepareLater";

describe("prepareLater", () => {
  it("does each piece in a turn of its own, after one that fails too", async () => {
    const done: string[] = [];
    await new Promise<void>((resolve) => {
      prepareLater([
        () => {
          done.push("one");
          setImmediate(() => done.push("the host"));
        },
        () => {
          throw new Error("one that fails");
        },
        () => {
          done.push("three");
          resolve();
        },
      ]);
      done.push("the start");
    });
    expect(done).toEqual(["the start", "one", "the host", "three"]);
  });

  it("does none of what is left when it is called off", async () => {
    const done: string[] = [];
    const callOff = prepareLater([
      () => {
        done.push("one");
        callOff();
      },
      () => done.push("two"),
    ]);
    await new Promise<void>((resolve) =>
      prepareLater([() => undefined, () => undefined, () => undefined, resolve]),
    );
    expect(done).toEqual(["one"]);
  });

  it("does not hold the process", () => {
    const file = join(__dirname, "../../lib/shared/prepareLater.ts");
    const script = `require(${JSON.stringify(file)}).prepareLater([() => console.log("held")]); console.log("over")`;
    expect(
      execFileSync(process.execPath, ["-r", "esbuild-register", "-e", script], {
        encoding: "utf8",
      }),
    ).toBe("over\n");
  });
});
