import { attempt } from "../shared/attempt.js";
import { builtin } from "../shared/builtins.js";
import { diagnoseSetting } from "../shared/diagnostics.js";
import { fs } from "../shared/fs.js";
import { parseText } from "./parsers.js";
import type { SettingReader } from "./SettingReader.js";

/** What TLS needs beyond Node's own certificate authorities, in PEM; members of the options of an https.Agent. */
export interface Certificates {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

/** For comparison, the complete set of authorities on a system is about 250 kB. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;
const PARTS = [
  ["ca", "otlp.certificate", "CERTIFICATE", "a file of certificates in PEM"],
  ["cert", "otlp.clientCertificate", "CLIENT_CERTIFICATE", "a file with a certificate in PEM"],
  ["key", "otlp.clientKey", "CLIENT_KEY", "a file with a key in PEM, without a passphrase"],
] as const;

/**
 * The certificates for the collector; the variables for traces win over the general ones. `unusable` names the first
 * one that cannot be used: without it, requests would go to any server that Node's own authorities vouch for.
 */
export function readCertificates(settings: SettingReader): {
  readonly certificates: Certificates;
  readonly unusable: string | undefined;
} {
  const certificates: { ca?: Buffer; cert?: Buffer; key?: Buffer } = {};
  let unusable: string | undefined;
  const refuse = (name: string, value: unknown, accepted: string): void => {
    unusable ??= name;
    diagnoseSetting(name, value, accepted, "The otlp pipe is off.");
  };
  for (const [part, setting, word, accepted] of PARTS) {
    const variables = [`OTEL_EXPORTER_OTLP_TRACES_${word}`, `OTEL_EXPORTER_OTLP_${word}`];
    const path = settings.read(setting, parseText, undefined, ...variables);
    if (path === undefined) continue;
    const content = attempt(() => readSmallFile(path));
    if (content !== undefined && isUsable({ [part]: content })) certificates[part] = content;
    else refuse(settings.sources[setting] ?? word, path, accepted);
  }
  const { cert, key } = certificates;
  if (unusable === undefined && !(cert === undefined && key === undefined)) {
    const isPair = cert !== undefined && key !== undefined && isUsable({ cert, key });
    const setting = cert === undefined ? "otlp.clientKey" : "otlp.clientCertificate";
    const name = settings.sources[setting] ?? setting;
    if (!isPair)
      refuse(name, settings.variable(name), "a certificate and the key that belongs to it");
  }
  return { certificates, unusable };
}

/** Throws if there is no such file. Only regular files are read: reading a pipe or a device could block forever. */
function readSmallFile(path: string): Buffer | undefined {
  const found = fs.statSync(path);
  return found.isFile() && found.size <= MAX_FILE_BYTES ? fs.readFileSync(path) : undefined;
}

/** Checked as Node does when it connects, except for authorities: Node would silently skip those that are not valid. */
function isUsable(certificates: Certificates): boolean {
  const { ca } = certificates;
  const made = attempt(() =>
    ca === undefined
      ? process.getBuiltinModule("node:tls").createSecureContext(certificates)
      : new (builtin("node:crypto").X509Certificate)(ca),
  );
  return made !== undefined;
}
