/*
 * Secrets, paths and names that must never leave. Those in the form of a token are assembled at run time,
 * so that repository scanners do not mistake them for real ones.
 */

/** A secret: the text that holds it, and the parts that must not be left. */
export interface Canary {
  readonly kind: string;
  readonly text: string;
  readonly secrets: readonly string[];
}

export const HOME = "/home/jane.quist";
export const USER = "jane.quist";
export const APPLICATION = "/opt/land/cocoon";
export const WINDOWS_HOME = "C:\\Users\\Jane Quist-Holm";
export const WINDOWS_USER = "Jane Quist-Holm";
export const WINDOWS_APPLICATION = "D:\\Land\\cocoon";

/** Characters that look random but are the same in every run. */
export function draw(alphabet: string, length: number, seed: number): string {
  let state = seed * 2_654_435_761 + 12_345;
  let text = "";
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    text += alphabet.charAt((state >>> 8) % alphabet.length);
  }
  return text;
}

const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER = UPPER.toLowerCase();
const DIGITS = "0123456789";
const HEX = "0123456789abcdef";
const WORD = UPPER + LOWER + DIGITS;
const TOKEN = `${WORD}_-`;

/** The beginnings, and the alphabet and length of the rest, as the providers publish them. */
const TOKENS: readonly (readonly [beginnings: string, alphabet: string, length: number])[] = [
  ["AKIA ASIA ABIA ACCA", UPPER + DIGITS, 16],
  ["AIza", TOKEN, 35],
  ["GOCSPX-", TOKEN, 28],
  ["ya29.", TOKEN, 120],
  ["LTAI AKID", WORD, 20],
  ["dop_v1_ doo_v1_ dor_v1_", HEX, 64],
  ["hvs. hvb.", TOKEN, 90],
  ["dp.pt. dp.st.dev.", WORD, 42],
  ["tskey-auth-", WORD, 24],
  ["sbp_", HEX, 40],
  ["nfp_", WORD, 36],
  ["ghp_ gho_ ghu_ ghs_ ghr_", WORD, 36],
  ["github_pat_", `${WORD}_`, 82],
  ["glpat- gldt- glrt- glptt- glft- glsoat-", TOKEN, 20],
  ["ATATT3xFfGF0", TOKEN, 180],
  ["ATBB", WORD, 32],
  ["npm_", WORD, 36],
  ["pypi-AgEIcHlwaS5vcmc", TOKEN, 120],
  ["rubygems_", HEX, 48],
  ["cio", WORD, 32],
  ["oy2", LOWER + DIGITS, 43],
  ["dckr_pat_ dckr_oat_", TOKEN, 27],
  ["ovsxp_ ovsxat_", TOKEN, 36],
  ["AKCp", WORD, 69],
  ["xoxb- xoxp- xoxa- xoxr- xoxs-", `${DIGITS}-${WORD}`, 50],
  ["xapp-1-", WORD, 60],
  ["sk_live_ sk_test_ rk_live_ rk_test_ whsec_", WORD, 24],
  ["sq0atp-", TOKEN, 22],
  ["sq0csp-", TOKEN, 43],
  ["shpat_ shpca_ shppa_ shpss_", HEX, 32],
  ["rzp_live_ rzp_test_", WORD, 14],
  ["FLWSECK_TEST-", HEX, 32],
  ["access-production- access-sandbox-", `${HEX}-`, 36],
  ["key-", HEX, 32],
  ["SK AC", HEX, 32],
  ["sk-ant-api03- sk-proj- sk-svcacct- sk-admin-", TOKEN, 90],
  ["sk-or-v1-", HEX, 64],
  ["sk- gsk_", WORD, 48],
  ["xai-", WORD, 80],
  ["hf_", WORD, 34],
  ["r8_", WORD, 37],
  ["pplx-", WORD, 48],
  ["nvapi-", TOKEN, 64],
  ["tgp_v1_", TOKEN, 43],
  ["lsv2_pt_ lsv2_sk_", HEX, 43],
  ["tvly-", WORD, 32],
  ["fc-", HEX, 32],
  ["phx_ phs_ pha_ phr_", WORD, 43],
  ["NRAK-", UPPER + DIGITS, 27],
  ["glsa_", WORD, 41],
  ["glc_", WORD, 60],
  ["sntrys_ sntryu_", WORD, 64],
  ["lin_api_ lin_oauth_", WORD, 40],
  ["ntn_ secret_", WORD, 46],
  ["figd_", TOKEN, 40],
  ["PMAK-", HEX, 59],
  ["CFPAT-", TOKEN, 43],
  ["CCIPAT_", WORD, 40],
  ["bkua_", HEX, 40],
  ["sqp_ squ_", HEX, 40],
  ["pul-", HEX, 40],
  ["AGE-SECRET-KEY-1", UPPER + DIGITS, 58],
  ["dapi", HEX, 32],
  ["xoxc- xoxd-", `${DIGITS}-${WORD}`, 50],
  ["mfa.", TOKEN, 84],
  ["xkeysib-", HEX, 64],
  ["EAAG EAAJ IGQV", WORD, 120],
  ["rpa_ rnd_", WORD, 36],
  ["apify_api_", WORD, 36],
  ["vercel_blob_rw_", WORD, 40],
  ["e2b_ key_ crsr_", HEX, 64],
  ["ABSK bedrock-api-key-", WORD, 110],
  ["ory_at_", TOKEN, 43],
  ["sk_org_live_", WORD, 24],
  ["v1.", HEX, 40],
  ["glrt-t1_", TOKEN, 20],
  ["sntrys_eyJ", WORD, 80],
  ["tvly-dev-", WORD, 32],
];

function tokens(): Canary[] {
  const whole = TOKENS.flatMap(([beginnings, alphabet, length]) =>
    beginnings
      .split(" ")
      .map((beginning, index) => ({ beginning, rest: draw(alphabet, length, length + index) })),
  );
  const joined = [
    ["SG.", `${draw(TOKEN, 22, 1)}.${draw(TOKEN, 43, 2)}`],
    ["MTAx", `${draw(WORD, 20, 3)}.${draw(TOKEN, 6, 4)}.${draw(TOKEN, 27, 5)}`],
    ["8314159265:AA", draw(TOKEN, 33, 6)],
    ["", `${draw(HEX, 32, 7)}-us14`],
    ["", `abc8Q~${draw(WORD, 34, 8)}`],
    ["eyJ", `hbGciOiJIUzI1NiJ9.eyJ${draw(TOKEN, 40, 9)}.${draw(TOKEN, 43, 10)}`],
    ["pk.eyJ", `${draw(TOKEN, 50, 11)}.${draw(TOKEN, 22, 12)}`],
    [
      "https://hooks.slack.com/services/",
      `T${draw(UPPER, 8, 13)}/B${draw(UPPER, 8, 14)}/${draw(WORD, 24, 15)}`,
    ],
    ["https://discord.com/api/webhooks/", `${draw(DIGITS, 18, 16)}/${draw(TOKEN, 68, 17)}`],
  ].map(([beginning = "", rest = ""]) => ({ beginning, rest }));
  return [...whole, ...joined].map(({ beginning, rest }) => ({
    kind: "token",
    text: beginning + rest,
    secrets: [rest],
  }));
}

const BELOW_HOME = [
  "",
  "/work/orchid/plan.ts",
  "/.ssh/orchid",
  "/My Orchid/Secret Plan.docx",
  "/orchid-notes",
  "/.config/orchid/settings.json",
];

/** The spellings of a path that the tiers produce. */
function spell(path: string): string[] {
  const backslashed = path.replaceAll("/", "\\");
  return [
    path,
    backslashed,
    JSON.stringify(backslashed).slice(1, -1),
    `file://${encodeURI(path)}`,
    encodeURIComponent(path),
    encodeURIComponent(`file://${path}`),
    encodeURIComponent(encodeURIComponent(path)),
    path.toUpperCase(),
    `vscode-remote://ssh-remote+box${encodeURI(path)}`,
    `http://localhost:5173/@fs${encodeURI(path)}`,
  ];
}

function homes(): Canary[] {
  return BELOW_HOME.flatMap((below) => spell(HOME + below)).map((text) => ({
    kind: "home",
    text,
    secrets: ["jane.quist", "orchid", "secret plan"],
  }));
}

const ELSEWHERE = [
  "/etc/orchid/hosts",
  "/var/log/orchid.log",
  "/tmp/orchid-4711/socket",
  "/Users/maria/orchid/main.ts",
  "/home/maria/orchid",
  "/Volumes/Orchid Backup/plan.txt",
  "/private/var/folders/xy/orchid/T",
  "/mnt/c/Users/maria/orchid",
  "/media/maria/ORCHID/a.txt",
  "/srv/git/orchid.git",
  "/opt/orchid/bin/run",
  "/usr/local/lib/orchid/index.js",
  "/nix/store/orchid-1.0/bin/x",
  "/Applications/Orchid.app/Contents/MacOS/x",
  "/workspace/orchid/src/a.ts",
  "/data/orchid/2026/a.csv",
  "/acme/orchid/secret.ts",
  "~/orchid/notes.md",
  "/opt/land/cocoon/../orchid/x.js",
  "/opt/land/cocoon/dist/../../orchid/x.js",
  "/opt/land/cocoon-orchid/x.js",
  "C:\\Projects\\orchid\\main.ts",
  "c:/projects/orchid/main.ts",
  "C:\\Program Files\\Orchid Suite\\orchid.exe",
  "\\\\fileserver\\orchid\\plan.docx",
  "\\\\?\\C:\\orchid\\plan.docx",
  "\\\\wsl$\\Ubuntu\\home\\maria\\orchid",
  "\\\\wsl.localhost\\Debian\\srv\\orchid",
  "file:///C:/orchid/main.ts",
  "file:///c%3A/orchid/main.ts",
  "//wsl$/Ubuntu/home/maria/orchid",
  "//wsl.localhost/Debian/srv/orchid",
  "\\\\.\\pipe\\orchid-sock",
  "\\\\?\\UNC\\fileserver\\share\\orchid",
  "\\\\fileserver\\c$\\orchid",
  "file://wsl%24/Ubuntu/home/maria/orchid",
  "vscode-remote://wsl+Ubuntu/home/maria/orchid",
  "~maria/orchid",
  "$HOME/orchid/x",
  "${HOME}/orchid",
  "%USERPROFILE%\\orchid\\x",
  "%LOCALAPPDATA%/orchid",
  "$env:APPDATA\\orchid",
  "webpack:///home/maria/orchid.ts",
  "http://localhost:5173/@fs/acme/orchid/plan.ts",
  "http://localhost:5173/@fs/C:/orchid/plan.ts",
  "git+file:///srv/orchid.git",
  "jar:file:/home/maria/orchid.jar!/x",
  "vscode-userdata:/c:/Users/maria/orchid",
  "/home/jane.quist.backup/orchid",
  "/home/jane.quist-old/orchid",
  "-I/usr/include/orchid",
  "-L/home/maria/orchid",
  "/home/maria/orchid plans/a.ts:3:4",
  "C:\\PROGRA~1\\orchid",
  "\\Users\\maria\\orchid",
  "\\/home\\/maria\\/orchid",
  "%2fhome%2fmaria%2forchid",
  "file://fileserver/orchid/plan.docx",
  "c%3A%5Corchid%5Cmain.ts",
  "c%3A/orchid/main.ts",
  "/c:/orchid/main.ts",
  "vscode-file://vscode-app/opt/orchid/out/main.js",
  "untitled:/home/maria/orchid.ts",
  "/home/maria/日本/orchid.ts",
  "sqlite:///var/lib/orchid.db",
];

function elsewhere(): Canary[] {
  return ELSEWHERE.map((text) => ({ kind: "path", text, secrets: ["orchid", "maria"] }));
}

function addresses(): Canary[] {
  const credentials = [
    "https://anna:tulip42@example.com/a",
    "postgres://anna:tu/lip42@db:5432/x",
    "redis://:tulip42@cache:6379",
    "https://tulip42@github.com/a/b.git",
    "amqp://anna:p%40tulip42@mq/x",
    "mongodb+srv://anna:tulip42@c0.example.net/db",
    "ftp://anna:tulip42@[::1]:21/x",
    "https://anna:tu@lip42@example.com/a",
  ];
  credentials.push(
    "jdbc:postgresql://db/x?user=anna&password=tulip42",
    "jdbc:mysql://anna:tulip42@db/x",
    "jdbc:sqlserver://db:1433;user=anna;password=tulip42;",
    "Server=db;User Id=anna;Password=tulip42;",
    "Server=db;Uid=anna;Pwd=tulip42;",
    "host=db user=anna password='tulip42 x' dbname=x",
    "smtp://anna:tulip42@mail:587",
    "ldap://cn=admin,dc=x:tulip42@ldap",
    "nats://tulip42@nats:4222",
    "Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=tulip42abc=",
    "BlobEndpoint=https://x.blob.core.windows.net/;SharedAccessSignature=sv=2026&sig=abctulip42%2Bxyz",
    'PlainLoginModule required username="anna" password="tulip42";',
    "mysql --password=tulip42",
    "psql --password tulip42 -h db",
    "deploy --db-token tulip42abc --region eu",
    "https%3A%2F%2Fanna%3Atulip42%40example.com%2Fa",
    "postgres%3A%2F%2Fanna%3Atulip42%40db%3A5432%2Fx",
    `https://tulip42${draw(HEX, 25, 21)}@o0.ingest.sentry.io/42`,
    `SENTRY_DSN=https://tulip42${draw(HEX, 25, 22)}@o1.ingest.de.sentry.io/1`,
  );
  const queries = [
    "https%3A%2F%2Fexample.com%2Fcb%3Fcode%3Dtulip42%26state%3Danna",
    "/cb%3Fcode%3Dtulip42",
    "%3Ftoken%3Dtulip42",
    "https%253A%252F%252Fexample.com%252Fcb%253Fcode%253Dtulip42",
    "redirect_uri=https%3A%2F%2Fexample.com%2Fcb%3Fcode%3Dtulip42",
    "https%3A%2F%2Fexample.com%2Fcb%23access_token%3Dtulip42",
    "https://x.blob.core.windows.net/c/b?sv=2026&sig=tulip42",
    "https://b.s3.amazonaws.com/k?X-Amz-Credential=a&X-Amz-Signature=tulip42",
    "https://example.com/cb?code=tulip42&state=anna",
    "https://example.com/?tulip42",
    "/search?q=tulip42",
    "GET /v1/items?owner=anna&key=tulip42",
    "wss://example.com/s?ticket=tulip42#anna",
    "https://example.com/cb#access_token=tulip42",
    "http://127.0.0.1:8080/a/b?x[]=tulip42",
    "vscode://land.auth/cb?code=tulip42",
  ];
  const emails = [
    "anna.tulip42@example.com",
    "anna+tulip42@mail.example.co.uk",
    "mailto:anna@tulip42.org",
    "anna%40tulip42.org",
    "<anna@tulip42.dev>",
    "änna@tulip42.de",
    "anna@tulip42.museum",
    "Anna Tulip <anna@tulip42.io>",
    "o'anna@tulip42.ie",
    "anna_tulip42@sub.example.com",
  ];
  const plain = (kind: string, texts: string[]): Canary[] =>
    texts.map((text) => ({ kind, text, secrets: ["tulip42"] }));
  return [
    ...plain("credentials", credentials),
    ...plain("query", queries),
    ...plain("email", emails),
  ];
}

function authorisations(): Canary[] {
  const opaque = draw(WORD, 32, 77);
  const basic = Buffer.from("anna:tulip-garden").toString("base64");
  const texts = [
    `Bearer ${opaque}`,
    `bearer ${opaque}`,
    `BEARER ${opaque}`,
    `Authorization: Bearer ${opaque}`,
    `authorization=Bearer%20${opaque}`,
    `authorization=Basic ${basic}`,
    `AUTHORIZATION=token ${opaque}`,
    `Basic ${basic}`,
    `basic ${basic}`,
    `"Authorization":"Basic ${basic}"`,
    `authorization: Digest username="anna", response="${opaque}"`,
    `-H 'Authorization: token ${opaque}'`,
    `Cookie: sid=${opaque}; theme=dark`,
    `x-api-key: ${opaque}`,
    `{"password":"${opaque}"}`,
    `{\\"client_secret\\":\\"${opaque}\\"}`,
    `password=${opaque}`,
    `DB_PASSWORD=${opaque}`,
    `AWS_SECRET_ACCESS_KEY=${opaque}`,
    `AccountKey=${opaque}==;EndpointSuffix=x`,
    `Set-Cookie: sid=${opaque}; Path=/; HttpOnly`,
    `{"set-cookie":["sid=${opaque}; Path=/","theme=${opaque}"]}`,
    `Proxy-Authorization: Basic ${basic}`,
    `Authorization: Hawk id="anna", mac="${opaque}"`,
    `authorization: AWS4-HMAC-SHA256 Credential=x, Signature=${opaque}`,
    `x-amz-signature: ${opaque}`,
    `PHPSESSID=${opaque}`,
    `JSESSIONID=${opaque}`,
    `https://example.com/cb;jsessionid=${opaque}`,
    `X-CSRF-Token: ${opaque}`,
    `Ocp-Apim-Subscription-Key: ${opaque}`,
    `password%3D${opaque}`,
    `access_token%253D${opaque}%2526x`,
    `Authorization%3A%20Bearer%20${opaque}`,
    `%7B%22password%22%3A%22${opaque}%22%7D`,
    `Bearer+${opaque}`,
    `AKIA${draw(UPPER, 16, 31)}:${opaque}${opaque.slice(0, 8)}`,
    `ASIA${draw(UPPER, 16, 32)} ${opaque}/${opaque.slice(0, 7)}`,
    `aws_secret_access_key = ${opaque}${opaque.slice(0, 8)}`,
    `https://discord.com/api/v10/webhooks/1/${opaque}`,
    `https://canary.discord.com/api/webhooks/1/${opaque}`,
    `https://acme.webhook.office.com/webhookb2/${opaque}`,
    `https://hooks.zapier.com/hooks/catch/1/${opaque}`,
    `https://hooks.slack.com/triggers/T0/1/${opaque}`,
    `https://api.telegram.org/bot110201543:AA${opaque}/getMe`,
    `apiKey: '${opaque}'`,
    `access_token: ${opaque}`,
    `refreshToken="${opaque}"`,
    `//registry.example.com/:_authToken=${opaque}`,
    `secret: ${opaque}`,
    `token=${opaque}`,
    `data:text/plain;base64,${opaque}`,
  ];
  const kinds = ["RSA ", "EC ", "DSA ", "OPENSSH ", "ENCRYPTED ", "PGP ", ""];
  const blocks = kinds.flatMap((kind) => {
    const head = `-----BEGIN ${kind}PRIVATE KEY${kind === "PGP " ? " BLOCK" : ""}-----`;
    return [
      `${head}\n${opaque}\n${opaque}\n-----END ${kind}PRIVATE KEY-----`,
      `${head}\\n${opaque}\\n-----END ${kind}PRIVATE KEY-----`,
      `${head}\n${opaque}`,
    ];
  });
  return [...texts, ...blocks].map((text) => ({
    kind: "authorisation",
    text,
    secrets: [opaque, basic],
  }));
}

function names(): Canary[] {
  return [
    USER,
    "Jane.Quist",
    "JANE.QUIST",
    "land-dev-jane.quist",
    "user jane.quist logged in",
    "jane.quist's machine",
    "../jane.quist/x",
    "@jane.quist",
    "jane.quist_backup",
    "[jane.quist]",
  ].map((text) => ({ kind: "user", text, secrets: ["jane.quist"] }));
}

/** A name with letters that can be written in several ways. */
export const FOREIGN_USER = "zo\u00eb.m\u00fcller";

/** The spellings of FOREIGN_USER and of paths below its home directory. */
export function foreignCanaries(): readonly Canary[] {
  const name = FOREIGN_USER;
  const spelled = [
    name,
    name.normalize("NFD"),
    name.toUpperCase(),
    name.toUpperCase().normalize("NFD"),
    encodeURIComponent(name),
    encodeURIComponent(name.normalize("NFD")),
    encodeURIComponent(encodeURIComponent(name)),
    ascii(name),
    ascii(name.toUpperCase()),
  ];
  return spelled
    .flatMap((form) => [form, `/home/${form}/orchid`, `hello ${form}!`])
    .map((text) => ({
      kind: "foreign",
      text,
      secrets: ["m\u00fcller", "mu\u0308ller", "orchid", "00fcller", "%bcller", "%88ller"],
    }));
}

function ascii(text: string): string {
  return text.replaceAll(
    /[^\0-\x7f]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Everything that a redactor for HOME, USER and APPLICATION must remove. */
export function canaries(): readonly Canary[] {
  return [...tokens(), ...homes(), ...elsewhere(), ...addresses(), ...authorisations(), ...names()];
}

/** The same for WINDOWS_HOME, WINDOWS_USER and WINDOWS_APPLICATION. */
export function windowsCanaries(): readonly Canary[] {
  const spellings = (below: string): string[] => {
    const path = WINDOWS_HOME + below;
    const slashed = path.replaceAll("\\", "/");
    return [
      path,
      slashed,
      path.toLowerCase(),
      path.toUpperCase(),
      `/${slashed}`,
      JSON.stringify(path),
      `file:///${encodeURI(slashed)}`,
      `file:///${encodeURI(slashed).replace(":", "%3A")}`,
      encodeURIComponent(path),
      encodeURIComponent(slashed),
      encodeURIComponent(`file:///${slashed}`),
      `/mnt/c${slashed.slice(2)}`,
      `/c${slashed.slice(2)}`,
      path.replace("Jane Quist-Holm", "JANEQU~1"),
      slashed.replace("Jane Quist-Holm", "janequ~1"),
      `\\\\?\\${path}`,
    ];
  };
  return ["", "\\orchid\\plan.ts", "\\AppData\\Local\\Orchid", "\\My Orchid\\Secret Plan.docx"]
    .flatMap(spellings)
    .concat([
      WINDOWS_USER,
      "JANEQU~1",
      "user jane quist-holm",
      "Jane%20Quist-Holm",
      "jane+quist-holm",
    ])
    .map((text) => ({
      kind: "windows",
      text,
      secrets: ["quist", "janequ", "orchid", "secret plan"],
    }));
}
