import { readFileSync } from "node:fs";

/** The value of `getconf CLK_TCK`; 100 on every Linux that runs Node. */
const TICKS_PER_SECOND = 100;

/** What a process has used so far, from Linux's /proc: CPU in ms and resident memory in MiB. */
export function readProcess(pid) {
  // The name, in brackets, may contain anything; the numbers start after it.
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  const [, kib = "0"] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return {
    cpuMs: ((Number(stat[11]) + Number(stat[12])) * 1000) / TICKS_PER_SECOND,
    mib: Number(kib) / 1024,
  };
}
