import type * as dns from "node:dns";
import type { LookupFunction } from "node:net";
import { hostsFile, isInHostsFile } from "./isInHostsFile.js";

/**
 * How long a name server may take to say anything at all before a name is looked up, in ms: the end of a process may
 * have to wait for one that is under way and for one of its own, and both fit into its budget.
 */
const FIRST_WAIT_MS = 100;
/** After so many silences in a row the wait doubles with each, for networks that are slow rather than dead. */
const SILENCES_TO_BEAR = 3;
/** Up to this, in ms. */
const MAX_WAIT_MS = 1_600;
/** The code of c-ares for a server that says nothing. */
const TIMEOUT = "ETIMEOUT";

/**
 * Looks up names for requests without ever holding the process. The system's own look-up, once begun, cannot be
 * ended: with name servers that say nothing it keeps a process alive for ten seconds, past `process.exit` too,
 * since Node waits for the thread that is in it. So the name servers are asked first, in a way that can be called
 * off; if one answers, whatever it says, the system is asked, whose word counts (files, search domains, mDNS). So it
 * is for a name in the system's own file of hosts, which it finds without them.
 */
export class HostLookup {
  private silences = 0;
  private readonly asking = new Set<dns.Resolver>();

  constructor(private readonly hosts = hostsFile()) {}

  /** The `lookup` of a request. */
  readonly lookup: LookupFunction = (host, options, done) => {
    const system = process.getBuiltinModule("node:dns");
    const lookUp = (): void => system.lookup(host, options, done);
    if (isThisMachine(host)) lookUp();
    else {
      this.ask(system, host, (answered) => {
        if (answered) {
          lookUp();
          return;
        }
        void isInHostsFile(host, this.hosts).then((known) => {
          if (known) lookUp();
          else
            done(
              Object.assign(new Error(`no name server answers for ${host}`), { code: TIMEOUT }),
              "",
              0,
            );
        });
      });
    }
  };

  /** Ends the look-ups under way; they fail. */
  cancel(): void {
    for (const resolver of this.asking) resolver.cancel();
  }

  private get waitMs(): number {
    return Math.min(
      FIRST_WAIT_MS * 2 ** Math.max(0, this.silences - SILENCES_TO_BEAR + 1),
      MAX_WAIT_MS,
    );
  }

  private ask(system: typeof dns, host: string, done: (answered: boolean) => void): void {
    const { waitMs } = this;
    let resolver: dns.Resolver;
    try {
      resolver = new system.Resolver({ timeout: waitMs, tries: 1 });
      // Those that the host may have set.
      resolver.setServers(system.getServers());
    } catch {
      done(true);
      return;
    }
    this.asking.add(resolver);
    // Several servers get a wait each; this is all of it.
    const timer = setTimeout(() => resolver.cancel(), waitMs).unref();
    resolver.resolve4(host, (error) => {
      clearTimeout(timer);
      this.asking.delete(resolver);
      const silent = error !== null && (error.code === TIMEOUT || error.code === "ECANCELLED");
      this.silences = silent ? this.silences + 1 : 0;
      done(!silent);
    });
  }
}

function isThisMachine(host: string): boolean {
  return host === "localhost" || host.endsWith(".localhost");
}
