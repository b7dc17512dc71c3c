import type { KeyHints } from "./Scan.js";
import type { Secrecy } from "./secretNames.js";
import { secrecyOf } from "./secretNames.js";

/** What a key says about its value. */
export interface KeyVerdict {
  /** The value passes as it is. */
  readonly allowed: boolean;
  /** The value is replaced whatever it is. */
  readonly denied: boolean;
  /** The value is a secret by the key's name. */
  readonly secrecy: Secrecy;
  /** The value is a query string without its question mark. */
  readonly query: boolean;
  readonly hints: KeyHints | undefined;
}

/** Never redacted: the person and the event as the other pipe knows them. */
const ALLOWED = ["posthog.distinct_id", "posthog.event", "distinct_id", "$distinct_id"];
/** Values that begin with a slash and are no paths. A gRPC method is known by its form, whatever its key. */
const ROUTE_KEYS = new Set("http.route url.path url.template http.target".split(" "));
/** Values that this package or its host chose, so that a user called Sky does not rename a tier. */
const NAMED_KEYS = new Set(
  (
    "land.tier service.name service.namespace $tier $component $app $lib os.type process.runtime.name telemetry.sdk.name telemetry.sdk.language " +
    "telemetry.distro.name rpc.system.name rpc.system error.type exception.type deployment.environment.name"
  ).split(" "),
);
const QUERY_KEYS = new Set(["url.query", "http.query", "querystring"]);
/** Keys are few; what is made up of data is not worth keeping. */
const MAX_KEYS = 2_000;

/** Decides by key, and remembers what it decided. */
export class KeyRules {
  readonly #verdicts = new Map<string, KeyVerdict>();
  readonly #allowed: ReadonlySet<string>;
  readonly #denied: ReadonlySet<string>;

  constructor(allowKeys: readonly string[], denyKeys: readonly string[]) {
    this.#allowed = new Set([...ALLOWED, ...allowKeys].map(plain));
    this.#denied = new Set(denyKeys.map(plain));
  }

  verdict(key: string): KeyVerdict {
    const known = this.#verdicts.get(key);
    if (known !== undefined) return known;
    const verdict = this.#decide(key);
    if (this.#verdicts.size < MAX_KEYS) this.#verdicts.set(key, verdict);
    return verdict;
  }

  #decide(key: string): KeyVerdict {
    const whole = plain(key);
    const denied =
      this.#denied.has(whole) || this.#denied.has(whole.slice(whole.lastIndexOf(".") + 1));
    const allowed = !denied && this.#allowed.has(whole);
    const route = ROUTE_KEYS.has(key);
    const named = NAMED_KEYS.has(key);
    const query = QUERY_KEYS.has(key);
    return {
      allowed,
      denied,
      secrecy: secrecyOf(key),
      query,
      hints: route || named ? { route, named } : undefined,
    };
  }
}

function plain(key: string): string {
  return key.toLowerCase().replace(/[-_]/g, "");
}
