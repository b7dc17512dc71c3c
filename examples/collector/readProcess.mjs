import { readFileSync } from "node:fs";

/** Of `getconf CLK_TCK`; 100 on every Linux that runs Node. */
const TICKS_PER_SECOND = 100;

/** What a process has used so far, from Linux' /proc: CPU in ms, and what it holds in memory in MiB. */
export function readProcess(pid) {
  // The name, in brackets, may hold anything; the numbers start after it.
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  const [, kib = "0"] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return {
    cpuMs: ((Number(stat[11]) + Number(stat[12])) * 1000) / TICKS_PER_SECOND,
    mib: Number(kib) / 1024,
  };
}
