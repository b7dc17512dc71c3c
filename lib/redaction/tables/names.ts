import { wordsOf } from "./rows.js";

/** How strongly the name of a value says that it is secret. */
export enum Strength {
  /** The value is a secret, whatever it looks like. */
  Strong,
  /** The same, and the value may contain blanks and goes on to the end of its line: a header. */
  Header,
  /** The value is a secret when it looks like one. */
  Weak,
  /** The value is a secret when it looks random. */
  Faint,
  /** The value is itself a name, and the value beside it may be a secret: `name="password" value="…"`. */
  Naming,
}

/**
 * The names of secrets. They match in any case, with or without `_`, `-` or `.` between their words, and after further
 * words: `password` also matches `DB_PASSWORD`, `PGPASSWORD` and `spring.datasource.password`.
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

/** Names that match only as a whole word, not as the end of another (`bypass`, `monkey`). */
export const WHOLE_WORDS = wordsOf(`
  pass auth pat pw dsn sig csrf xsrf otp jwt sid key name id header field param
`);

/** Names that match only without words before them, which would change their meaning (`userSid`). */
export const ALONE = wordsOf("pat otp sid sig dsn header field property variable");

/** Words that may follow a name: `SECRET_KEY_BASE`, `password_old`; numbers may too, as in `TOKEN_2`. */
export const SUFFIXES = wordsOf(`
  base value val text plain plaintext raw string str b64 base64 hex hash hashed encrypted enc prod production dev
  development test testing staging live old new current default secure super main primary secondary id
`);

/** Keys whose values pass unredacted: the distinct id and the event name, which link a span to the other pipe. */
export const ALLOWED_KEYS = ["posthog.distinct_id", "posthog.event", "distinct_id", "$distinct_id"];

/** Keys whose values begin with a slash but are not paths. A gRPC method is recognised by its form, under any key. */
export const ROUTE_KEYS = wordsOf("http.route url.path url.template http.target");

/** Keys whose values this package or its host chose; they are not searched for the user's name, which may be `Sky`. */
export const NAMED_KEYS = wordsOf(`
  land.tier service.name service.namespace $tier $component $app $lib os.type process.runtime.name telemetry.sdk.name
  telemetry.sdk.language telemetry.distro.name rpc.system.name rpc.system error.type exception.type
  deployment.environment.name
`);

/** Keys whose values are a query string without its question mark. */
export const QUERY_KEYS = wordsOf("url.query http.query querystring");
