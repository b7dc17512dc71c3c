import type * as dns from "node:dns";
import type { LookupFunction } from "node:net";
import { attempt } from "../shared/attempt.js";
import { builtin } from "../shared/builtins.js";
import { fs } from "../shared/fs.js";
import { clearTimeout, setTimeout } from "../shared/timers.js";

/**
 * How long a name server may take to answer anything before a name is looked up, in ms. A process that is ending may
 * have to wait for one look-up in progress and one of its own, and both have to fit its budget.
 */
const FIRST_WAIT_MS = 100;
/** After this many consecutive time-outs each further one doubles the wait, for networks that are slow, not dead. */
const MAX_SILENCES = 2;
const MAX_WAIT_MS = 1_600;
/** The most bytes that are read of a hosts file; block lists make some of them large. */
const MAX_HOSTS_BYTES = 4 * 1024 * 1024;
/** The c-ares error code for a server that does not answer. */
const TIMEOUT = "ETIMEOUT";

/**
 * Looks up host names for requests without ever keeping the process alive. The system's look-up cannot be cancelled
 * once it has begun: if the name servers do not answer, it keeps a process alive for ten seconds, even past
 * `process.exit`, because Node waits for its thread. So the name servers are first queried in a cancellable way. If one
 * answers, or the hosts file has the name, the system's look-up decides (it knows files, search domains, mDNS).
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

  /** Cancels the look-ups in progress; they fail. */
  cancel(): void {
    for (const resolver of this.asking) resolver.cancel();
  }

  /** Whether the system's look-up will finish soon. */
  private async isSafe(system: typeof dns, host: string): Promise<boolean> {
    if (host === "localhost" || host.endsWith(".localhost")) return true;
    return (await this.isAnswered(system, host)) || (await isInHostsFile(host, this.hosts));
  }

  private isAnswered(system: typeof dns, host: string): Promise<boolean> {
    const doublings = Math.max(0, this.silences - MAX_SILENCES);
    const waitMs = Math.min(FIRST_WAIT_MS * 2 ** doublings, MAX_WAIT_MS);
    const resolver = new system.Resolver({ timeout: waitMs, tries: 1 });
    // The host may have set its own name servers.
    attempt(() => resolver.setServers(system.getServers()));
    this.asking.add(resolver);
    return new Promise((resolve) => {
      // The resolver's timeout is per server; this timer bounds the total.
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

/** The path of the hosts file. */
function hostsFile(): string {
  return process.platform === "win32"
    ? `${process.env["SystemRoot"] ?? "C:\\Windows"}\\System32\\drivers\\etc\\hosts`
    : "/etc/hosts";
}

/** Whether a hosts file (hosts(5): an address and its names per line) has this host. Never rejects. */
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
