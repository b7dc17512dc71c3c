import { execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Surroundings } from "./runJob";
import { faultHome } from "./runJob";

/** An address in 127.0.0.0/8 where nobody else has a name server. */
const ADDRESS = "127.0.0.66";
const DNS_PORT = 53;

/** Surroundings in which the name servers accept queries and never answer. */
export interface SilentNames {
  readonly surroundings: Partial<Surroundings>;
  /** How it is done, for the table. */
  readonly note: string;
  close(): void;
}

/** Names a silent server in the system's own file if we may mount over that, and else in Node's `dns` module. */
export async function silentNames(): Promise<SilentNames> {
  const file = join(faultHome(), "resolv.conf");
  writeFileSync(file, `nameserver ${ADDRESS}\n`);
  const inside = ["unshare", "--mount"];
  const mount = `mount --bind ${file} /etc/resolv.conf`;
  try {
    execFileSync(inside[0] ?? "", [...inside.slice(1), "sh", "-c", mount], { stdio: "ignore" });
    const close = (await listen(DNS_PORT, ADDRESS)).close;
    return { surroundings: { inside, shell: mount }, note: "name server in resolv.conf", close };
  } catch {
    const { port, close } = await listen(0, "127.0.0.1");
    const surroundings = {
      nodeArgs: ["--require", join(__dirname, "silentNames.cjs")],
      env: { SILENT_NAMES: `127.0.0.1:${port}` },
    };
    return { surroundings, note: "look-up replaced", close };
  }
}

async function listen(
  port: number,
  address: string,
): Promise<{ readonly port: number; close(): void }> {
  const server = createSocket("udp4");
  server.bind(port, address);
  await once(server, "listening");
  return { port: server.address().port, close: () => server.close() };
}
