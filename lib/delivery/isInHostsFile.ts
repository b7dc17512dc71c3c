import { open } from "node:fs/promises";

/** More of such a file is not read, in bytes: block lists of ads make some of them large. */
const MAX_HOSTS_BYTES = 4 * 1024 * 1024;

/** Where the system keeps names that no name server is asked for. */
export function hostsFile(): string {
  return process.platform === "win32"
    ? `${process.env["SystemRoot"] ?? "C:\\Windows"}\\System32\\drivers\\etc\\hosts`
    : "/etc/hosts";
}

/** Whether the file (hosts(5): an address and its names on a line) names this host. Never rejects. */
export async function isInHostsFile(host: string, file: string): Promise<boolean> {
  const wanted = host.toLowerCase();
  const lines = (await readHead(file)).toLowerCase().split("\n");
  return lines.some(
    (line) =>
      line.includes(wanted) && line.replace(/#.*/, "").trim().split(/\s+/).indexOf(wanted) > 0,
  );
}

async function readHead(file: string): Promise<string> {
  try {
    const handle = await open(file, "r");
    try {
      const { buffer, bytesRead } = await handle.read({
        buffer: Buffer.alloc(Math.min((await handle.stat()).size, MAX_HOSTS_BYTES)),
      });
      return buffer.toString("utf8", 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch {
    return "";
  }
}
