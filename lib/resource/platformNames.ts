/**
 * The dashboards were built on what the Rust tiers send, so `os` and `arch` of events are Rust's words.
 */
const RUST_OS: Readonly<Record<string, string>> = {
  darwin: "macos",
  win32: "windows",
  sunos: "solaris",
};
const RUST_ARCH: Readonly<Record<string, string>> = {
  x64: "x86_64",
  arm64: "aarch64",
  ia32: "x86",
  ppc64: "powerpc64",
  riscv64: "riscv64",
  loong64: "loongarch64",
};

/** Node's `process.platform` in Rust's words. */
export function rustOs(platform: string): string {
  return RUST_OS[platform] ?? platform;
}

/** Node's `process.arch` in Rust's words. */
export function rustArch(arch: string): string {
  return RUST_ARCH[arch] ?? arch;
}
