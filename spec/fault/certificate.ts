import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { generate } from "selfsigned";
import { faultHome } from "./runJob";

/** The GeneralName type for an IP address (RFC 5280, 4.2.1.6). */
const IP_ADDRESS = 7;

/** A key and a certificate for 127.0.0.1, made for this run, and the files they are in. */
export async function certificate(name = "cert.pem"): Promise<{
  readonly key: string;
  readonly cert: string;
  readonly file: string;
  readonly keyFile: string;
}> {
  const { private: key, cert } = await generate([{ name: "commonName", value: "127.0.0.1" }], {
    keyType: "ec",
    algorithm: "sha256",
    extensions: [
      { name: "basicConstraints", cA: true },
      { name: "subjectAltName", altNames: [{ type: IP_ADDRESS, ip: "127.0.0.1" }] },
    ],
  });
  const [file, keyFile] = [join(faultHome(), name), join(faultHome(), `key-${name}`)];
  writeFileSync(file, cert);
  writeFileSync(keyFile, key);
  return { key, cert, file, keyFile };
}
