/** A pattern of one's own: bare, or with the name that stands in its place (`<name>`; `redacted` when bare). */
export type PrivacyPattern = RegExp | { readonly name: string; readonly pattern: RegExp };

/** A token form of one's own: `prefix`, then at least `length` characters of base64, digits or both cases among them. */
export interface PrivacyToken {
  /** What `token.<name>` stands for in `stats().redacted`, `privacy.keep` and `land-telemetry redact --explain`. */
  readonly name: string;
  readonly prefix: string;
  readonly length: number;
}

/**
 * What is taken out of everything that leaves the process. All members are optional; without any, home
 * directory, user name, paths outside the application, credentials, query strings, e-mail addresses,
 * private keys and the tokens of common providers are taken out.
 */
export interface PrivacyOptions {
  /** `false` sends everything as it is, uncut. Default: `true`. */
  readonly enabled?: boolean;
  /**
   * Further patterns. Every match is replaced by `<name>`. They run on the value after the built-in rules and
   * on every string, so their cost is the caller's: a pattern that backtracks makes it quadratic or worse. A
   * pattern that throws makes the value `<redacted>`. Default: none.
   */
  readonly patterns?: readonly PrivacyPattern[];
  /**
   * Keys of attributes and properties whose values pass as they are, compared without regard to case, `-` and
   * `_`, with the whole key. A key that is denied too stays denied. Default: the distinct id and the event name
   * that mirrored spans carry, which are never redacted.
   */
  readonly allowKeys?: readonly string[];
  /**
   * Keys whose values become `<redacted>` whatever they hold, compared like `allowKeys`, with the whole key or
   * its last dotted part (`password` also denies `user.password`). They add to the built-in names of secrets
   * (`password`, `authorization`, `api_key` and the like, which deny texts and objects). Default: none.
   */
  readonly denyKeys?: readonly string[];
  /**
   * Further names of secrets, `["crew_code"]`: their values are taken out wherever a text or a key assigns them one, in
   * any spelling and behind further words (`crewCode`, `LAND_CREW_CODE`). Default: none.
   */
  readonly secretNames?: readonly string[];
  /** Further forms of tokens. Default: none. */
  readonly tokens?: readonly PrivacyToken[];
  /** Rules that take nothing out, by the names that `land-telemetry redact --explain` prints, such as `email`. Default: none. */
  readonly keep?: readonly string[];
  /**
   * A function of one's own, called last for every string with the redacted value and its key. What it returns
   * is sent; when it throws or returns something that is no string, `<redacted>` is. Default: none.
   */
  readonly redact?: (value: string, key: string | undefined) => string;
  /**
   * The application's own directory: a path inside it keeps the part below it (`<app>/dist/main.js`). The root
   * of a file system and a directory that holds the home directory are not taken. Default: the directory of the
   * process's main script.
   */
  readonly applicationRoot?: string;
  /** Characters kept of one string. The rest is cut and `<cut>` appended. A string is also cut after 512 finds. Default: 8192. */
  readonly maxValueLength?: number;
}
