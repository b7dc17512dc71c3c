import { wordsOf } from "./rows.js";

/** How much the name of a value says about it. */
export enum Strength {
  /** The value is a secret, whatever it looks like. */
  Strong,
  /** The same, and it goes on over blanks to the end of its line: a header. */
  Header,
  /** The value is a secret when it looks like one. */
  Weak,
  /** The value is a secret when it looks drawn at random. */
  Faint,
  /** The value is itself a name, and what stands beside it may be a secret: `name="password" value="…"`. */
  Naming,
}

/**
 * The names of secrets by their words, which may be written together, in any case, with any of `_`, `-` and `.` between
 * them, and behind further words: `password` is also `DB_PASSWORD`, `PGPASSWORD` and `spring.datasource.password`.
 */
export const NAMES: readonly (readonly [strength: Strength, names: string])[] = [
  [
    Strength.Strong,
    "password passwd passwort contrasena pwd passphrase passcode secret secrets credential credentials creds apikey apisecret " +
      "appsecret secretkey secretaccesskey clientsecret consumersecret sharedsecret accesskey accesskeyid privatekey privkey accountkey " +
      "sharedaccesskey sharedkey encryptionkey encryptkey decryptionkey signingkey signkey masterkey storagekey servicekey " +
      "adminkey authkey authtoken accesstoken refreshtoken idtoken sessiontoken bearertoken securitytoken deploykey " +
      "usertoken bottoken webhooksecret connectionstring connstr sharedaccesssignature subscriptionkey functionkey " +
      "jsessionid phpsessid aspnetsessionid connectsid sessioncookie cookiesecret requirepass masterauth dbpass dbpw dbkey databasekey " +
      "databasepass userpass rootpass smtppass mailpass emailpass ftppass mysqlpass pgpass adminpass proxypass authpass loginpass mysqlpwd keypass storepass keystorepass sshpass licensekey clientkey sessionsecret jwtsecret",
  ],
  [Strength.Header, "authorization proxyauthorization cookie cookies"],
  [
    Strength.Weak,
    "token pass auth pat pw sastoken dsn signature sig csrf xsrf authenticitytoken otp jwt sid",
  ],
  [Strength.Faint, "key apiid appkey"],
  [Strength.Naming, "name key id header field param parameter variable property attribute envvar"],
];

/** Names that say so only as a whole word, not as the end of another (`bypass`, `pilot`, `monkey`). */
export const WHOLE_WORDS = wordsOf(`
  pass auth pat pw dsn sig csrf xsrf otp jwt sid key name id header field param
`);

/** Names of which nothing else may be part: before them, other words mean other things (`tests pass`, `dispatch id`). */
export const ALONE = wordsOf("pat otp sid sig dsn header field property variable");

/** Words behind a name that leave it one: `SECRET_KEY_BASE`, `password_old`, `TOKEN_2`. */
export const SUFFIXES = wordsOf(`
  base value val text plain plaintext raw string str b64 base64 hex hash hashed encrypted enc prod production dev
  development test testing staging live old new current default secure super main primary secondary id
`);

/** Keys whose values pass as they are: the person and the event as the other pipe knows them. */
export const ALLOWED_KEYS = ["posthog.distinct_id", "posthog.event", "distinct_id", "$distinct_id"];

/** Keys whose values begin with a slash and are no paths. A gRPC method is known by its form, whatever its key. */
export const ROUTE_KEYS = wordsOf("http.route url.path url.template http.target");

/** Keys whose values this package or its host chose, so that a user called Sky does not rename a tier. */
export const NAMED_KEYS = wordsOf(`
  land.tier service.name service.namespace $tier $component $app $lib os.type process.runtime.name telemetry.sdk.name
  telemetry.sdk.language telemetry.distro.name rpc.system.name rpc.system error.type exception.type
  deployment.environment.name
`);

/** Keys whose values are a query without its question mark. */
export const QUERY_KEYS = wordsOf("url.query http.query querystring");
