import { rustArch, rustOs } from "../../lib/resource/platformNames.js";

describe("the names of systems and processors", () => {
  it.each([
    ["darwin", "macos"],
    ["win32", "windows"],
    ["linux", "linux"],
    ["sunos", "solaris"],
    ["freebsd", "freebsd"],
  ])("%s is Rust's %s", (platform, os) => {
    expect(rustOs(platform)).toBe(os);
  });

  it.each([
    ["x64", "x86_64"],
    ["arm64", "aarch64"],
    ["ia32", "x86"],
    ["ppc64", "powerpc64"],
    ["riscv64", "riscv64"],
    ["loong64", "loongarch64"],
    ["arm", "arm"],
    ["s390x", "s390x"],
  ])("%s is Rust's %s", (arch, name) => {
    expect(rustArch(arch)).toBe(name);
  });
});
