import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { faultHome } from "./runJob";

/** A key and a certificate for 127.0.0.1, made for this run; undefined where there is no openssl to make them. */
export function certificate(): { readonly key: string; readonly cert: string; readonly file: string } | undefined {
  const [key, file] = [join(faultHome(), "key.pem"), join(faultHome(), "cert.pem")];
  try {
    execFileSync(
      "openssl",
      ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", file],
      { stdio: "ignore" },
    );
    return { key: readFileSync(key, "utf8"), cert: readFileSync(file, "utf8"), file };
  } catch {
    return undefined;
  }
}
