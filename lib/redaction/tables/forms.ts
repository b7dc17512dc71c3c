import { rowsOf } from "./rows.js";

/** The name of a variable or setting that a command assigns; `NAME` in the patterns below. */
const NAME = String.raw`([\w.-]{2,64})`;

/**
 * Commands and statements with a secret that no sign assigns: the rule's name, the beginnings of the first word, and
 * the pattern from there up to the secret. A group in the pattern is a name, whose strength then decides.
 */
export const COMMANDS = rowsOf(String.raw`
  sql-identified   identified  \s{1,8}(?:with\s\S{1,64}\s)?(?:by|as)\s{1,8}(?:password\s{1,8})?(?=['"])
  sql-password     password  \s{1,8}(?=['"\x60])
  sql-encrypted    encrypted  \s{1,8}password\s{1,8}(?=['"])
  netrc            login  \s{1,8}[^\s]{1,64}\s{1,8}password\s{1,8}
  netrc            password  [ \t]{1,8}(?=(?:[^\s"'\x60]*\d)[^\s"'\x60]{6})
  redis-auth       AUTH  [ ]{1,4}(?:(?:PLAIN|LOGIN|CRAM-MD5|XOAUTH2) )?(?:(?=\S{0,64}\d)\S{1,64} (?=\S{0,64}\d))?(?=\S{0,64}\d)
  redis-auth       AUTH  [ ]{1,4}[a-z]\w{1,32} (?=\S{0,64}\d)
  redis-require    requirepass masterauth  [ ]{1,8}
  ftp-pass         PASS  [ ]{1,4}(?=\S{0,64}\d)
  docker-login     docker podman helm buildah skopeo  \s[^\n]{0,32}login\b[^\n]{0,128}?\s-p[ =]{1,4}
  sshpass          sshpass  \s{1,4}-p\s{0,4}
  mysql            mysql mysqldump mysqladmin mariadb  \w{0,8}\b[^\n]{0,128}?\s-p(?=[^\s-])
  redis-cli        redis-cli redis  \b[^\n]{0,128}?\s-a\s{1,4}
  mongo            mongo  \w{0,8}\b[^\n]{0,128}?\s-p\s{0,4}(?=[^\s-])
  ldap             ldap  \w{0,16}\b[^\n]{0,128}?\s-w\s{1,4}
  sqlcmd           sqlcmd bcp  \b[^\n]{0,128}?\s-P\s{0,4}(?=[^\s-])
  zip              zip unzip 7z  \b[^\n]{0,32}?\s-P\s{1,4}
  openssl          passin passout pass  (?:in |out )?\s?pass:
  htpasswd         htpasswd  \s[^\n]{0,16}-\w{0,4}b\w{0,4}\s\S{1,64}\s\S{1,64}\s
  oracle           thin sqlplus  (?::|\s{1,4}(?:-\w\s)?)[\w$]{1,64}/(?=[^\s/@]{1,64}@)
  set-variable     configure  \sset\s${NAME}\s{1,4}
  secure-string    ConvertTo-SecureString  [^\n"']{0,64}(?=["'])
  samba            smbclient mount  \b[^\n]{0,128}?\s-U\s{0,2}[\w.\\]{1,64}%
  set-variable     ENV ARG setx setenv SetEnv config  \s{1,4}(?:set\s{1,4})?(?:-\w{1,8}\s)?${NAME}\s{1,4}
  set-variable     set  [ ]-\w{1,8} ${NAME}\s{1,4}
  set-item         hset set  \s{1,4}${NAME}\s{1,4}(?=["'])
`);

/** Command-line flags with a user before the secret, `-u anna:…`; other flags are recognised by their names. */
export const USER_FLAG =
  /(?:u|user|proxy-user|U|creds|credentials|basic-auth)(?:[ \t]{1,4}|=|(?<=\b[uU]))(["']?)[^\s:"'/]{0,64}:(?!\d{1,6}(?![^\s"']))(?=[^\s/"'])/y;

/** What separates a quoted name from the value beside it in JSON, YAML, XML, form data, a plist or a log. */
export const NEIGHBOURS: readonly RegExp[] = [
  /["'`]?[ \t]{0,64},?\s{0,64}["'`]?(?:value|val|content|Value|VALUE|data|default|defaultValue)["'`]?[ \t]{0,8}(?:=>|[:=])[ \t]{0,8}(?:\[\s{0,8})?/y,
  /["'`](?:;[^\r\n]{0,128})?(?:\r?\n[\w-]{1,32}:[^\r\n]{0,128}){0,4}(?:\r?\n){2}/y,
  /["'`]?\s{0,8}\/?>\s{0,64}(?:<(?:value|string)>)?/y,
  /<\/[\w:.-]{1,32}>\s{0,64}<[\w:.-]{1,32}>/y,
];

/** Not a value, although in the place of one: a placeholder, a variable, a word for a missing value, a mask. */
export const NO_VALUE =
  /^(?:<|\$\{|\$\(|\$[A-Z_]{2,}(?![a-z\d])|\$\w+\[|\{\{|%[({sdoj]|%[A-Z_]{2,}%|#\{|@\{|\*{3}|\.{3}|•|-{3}|={2}|x{4,}|X{4,}|_{3,}|\[?(?:redacted|hidden|filtered|masked|secret|removed)\b|(?:undefined|null|nil|none|true|false|string|number|boolean|bool|any|unknown|never|void|object|function|async|await|new|this|self|typeof|required|optional|empty|missing|invalid|yes|no)(?![\w+/=@!#$%-]))/i;

/** An unquoted value that is program code: `tokens[1]`, `read(…)`, `a + b`, `options.password`. */
export const EXPRESSION =
  /^(?:[{(]|[!&*]{0,2}(?:[A-Za-z_$][\w$]*(?:(?:\?\.|\.|::|->)[A-Za-z_$][\w$]*){0,8}(?:\(|\[|\?\.|[ \t]+(?:(?:[?*<>-]|\+|\|\||&&|[!=]==?)[ \t]|(?:as|if|else|or|and|is|in|of|instanceof|for|from|to|was|has|not|with|that|which|will|can|must|should)\b))|(?:this|self|process|env|config|options|opts|args|params|req|request|ctx|context|props|state|settings|secrets|vars?|local|data|module|exports|window|document|os|sys)\.\w))/;
/** Program code as well, but without digits: a variable, or a member of one. */
export const VARIABLE = /^[A-Za-z_$][A-Za-z_$-]*(?:\.[A-Za-z_$]+){0,8}$/;

/** Authorisation schemes; some have quoted parameters. */
export const SCHEMES =
  /^(?:basic|bearer|negotiate|ntlm|token|apikey|digest|hawk|oauth|signature|ssws|bot|aws4-hmac-sha256)[ +]/i;
export const QUOTING_SCHEMES = /^(?:digest|hawk|oauth|signature|aws4-hmac-sha256)[ +]/i;

/**
 * An unquoted value up to its end: a blank, a quote or an angle bracket. A sign that ends a clause ends the value only
 * if one of these, another such sign, an assignment or nothing follows it.
 */
export const VALUE_END =
  /(?:[^\s"'`<>&;,)}\]|\\\u201c\u201d\u2018\u2019\u00bb]|[&;,)}\]|](?![\s"'`<>&;,)}\]|\u201d\u2019\u00bb]|$|[\w.$%-]{1,64}[=:])|\\(?![nrt"'u]))+/y;
/** A header's value up to the end of its line, a quote or an angle bracket; if its parameters are quoted, the line. */
export const HEADER_END = /[^\r\n"'`<>]+/y;
export const LINE_END = /[^\r\n]+/y;
/** A list of quoted values. */
export const LIST = /\[(?=\s{0,64}["'`])[^\]\n]{0,8192}\]?/y;
