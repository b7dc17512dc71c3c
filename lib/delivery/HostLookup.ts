import type * as dns from "node:dns";
import type { LookupFunction } from "node:net";
import { attempt } from "../shared/attempt.js";
import { builtin } from "../shared/builtins.js";
import { fs } from "../shared/fs.js";
import { clearTimeout, setTimeout } from "../shared/timers.js";

/**
 * How long a name server may take to say anything before a name is looked up, in ms. The end of a process may have
 * to wait for a look-up under way and for one of its own, and both have to fit its budget.
 */
const FIRST_WAIT_MS = 100;
/** Beyond this many silences in a row the wait doubles with each, for networks that are slow rather than dead. */
const MAX_SILENCES = 2;
const MAX_WAIT_MS = 1_600;
/** Block lists make some hosts files large; no more than this is read, in bytes. */
const MAX_HOSTS_BYTES = 4 * 1024 * 1024;
/** The code of c-ares for a server that says nothing. */
const TIMEOUT = "ETIMEOUT";

/**
 * Looks up names for requests without ever holding the process. The system's own look-up cannot be ended once it
 * has begun: with silent name servers it keeps a process alive for ten seconds, even past `process.exit`, because
 * Node waits for its thread. So the name servers are asked first, in a way that can be cancelled. If one answers
 * anything, or the hosts file has the name, the system is asked, whose word counts (files, search domains, mDNS).
 */
export class HostLookup {
  private silences = 0;
  private readonly asking = new Set<dns.Resolver>();

  constructor(private readonly hosts = hostsFile()) {}

  /** The `lookup` option of a request. */
  readonly lookup: LookupFunction = (host, options, done) => {
    const system = builtin("node:dns");
    const silence = new Error(`no name server answers for ${host}`);
    this.isSafe(system, host)
      .then((safe) => {
        if (safe) system.lookup(host, options, done);
        else done(Object.assign(silence, { code: TIMEOUT }), "");
      })
      .catch((error: unknown) => done(error as NodeJS.ErrnoException, ""));
  };

  /** Ends the look-ups under way; they fail. */
  cancel(): void {
    for (const resolver of this.asking) resolver.cancel();
  }

  /** Whether the system's look-up will come to an end soon. */
  private async isSafe(system: typeof dns, host: string): Promise<boolean> {
    if (host === "localhost" || host.endsWith(".localhost")) return true;
    return (await this.isAnswered(system, host)) || (await isInHostsFile(host, this.hosts));
  }

  private isAnswered(system: typeof dns, host: string): Promise<boolean> {
    const doublings = Math.max(0, this.silences - MAX_SILENCES);
    const waitMs = Math.min(FIRST_WAIT_MS * 2 ** doublings, MAX_WAIT_MS);
    const resolver = new system.Resolver({ timeout: waitMs, tries: 1 });
    // The host may have set its own.
    attempt(() => resolver.setServers(system.getServers()));
    this.asking.add(resolver);
    return new Promise((resolve) => {
      // Each of several servers gets the wait; this bounds their sum.
      const timer = setTimeout(() => resolver.cancel(), waitMs).unref();
      resolver.resolve4(host, (error) => {
        clearTimeout(timer);
        this.asking.delete(resolver);
        const silent = error !== null && (error.code === TIMEOUT || error.code === "ECANCELLED");
        this.silences = silent ? this.silences + 1 : 0;
        resolve(!silent);
      });
    });
  }
}

/** The file of names that no name server is asked for. */
function hostsFile(): string {
  return process.platform === "win32"
    ? `${process.env["SystemRoot"] ?? "C:\\Windows"}\\System32\\drivers\\etc\\hosts`
    : "/etc/hosts";
}

/** Whether the file (hosts(5): an address and its names on a line) has this host. Never rejects. */
async function isInHostsFile(host: string, file: string): Promise<boolean> {
  let text = "";
  try {
    const options = { encoding: "utf8", end: MAX_HOSTS_BYTES } as const;
    for await (const chunk of fs.createReadStream(file, options)) text += String(chunk);
  } catch {
    return false;
  }
  const wanted = host.toLowerCase();
  const lines = text.toLowerCase().split("\n");
  return lines.some((line) => line.replace(/#.*/, "").trim().split(/\s+/).indexOf(wanted) > 0);
}
