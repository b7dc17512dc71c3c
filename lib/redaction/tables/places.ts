import { rowsOf, wordsOf } from "./rows.js";

/** Directories at the root of a file system; whatever begins with one is a path. */
export const ROOTS = wordsOf(`
  home users root tmp temp var etc opt usr mnt media srv private volumes applications library system proc sys dev boot
  bin sbin lib lib32 lib64 snap nix run cygdrive workspace workspaces work works data projects project builds repos
  repo git code app export net github runner documents desktop downloads windows programdata device c d e
`);

/** First segments of routes. */
export const ROUTES = wordsOf(`
  api rpc graphql batch health healthz livez readyz metrics status oauth oauth2 auth login logout rest static assets
  public capture decide flags array socket.io ws sse events events.json docs src dist test tests spec fixtures
  node_modules examples packages components pages img images css js fonts
`);

/** What precedes a route (as in a router's call, `app.get("`), an import or a link's target, but not a file. */
export const BEFORE_ROUTES =
  /(?:\b(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|CONNECT|TRACE)[ "'(,]{1,3}|\]\(|\b(?:from|import|require|import\()[ (]{0,2}["'`]|\b(?:href|src|action|route|url|path|to|endpoint|pathname)\b["']?[ ]?[=:(]{1,2}[ ]?["'`{(]{0,2}|\.(?:get|post|put|patch|delete|head|options|all|use|route)\(["'`])$/;

/** How devices, shares and other machines' directories begin; these need no well-known root. */
export const PREFIXES = rowsOf(String.raw`
  path.device  [\\/]{2,4}[.?][\\/]{1,2}(?=pipe|UNC|Volume|Global|Harddisk|PhysicalDrive|mailslot|wsl|[A-Za-z]:|COM\d)
  path.device  \\{1,2}Device\\{1,2}(?=\w)
  path.share  \\{2,4}(?!u[\da-f]{4}|x[\da-f]{2})[\w.$-]{2,64}\\{1,2}(?=[\w$.-]{2})
  path.share  //(?:wsl\$|wsl\.localhost|(?![\w-]*(?:\.[\w-]+)+)[A-Za-z][\w-]{1,63}(?=/[\w$]+/[\w.$]))/
`);

/** Variables that hold the home directory or a directory in it, and the signs after them. */
export const HOME_VARIABLES = ["HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"];
export const BEHIND_VARIABLE = "[}%]?[\\\\/]{1,4}(?![<\\\\/])";

/** Schemes of URLs whose path is a file's, also after another scheme (`git+file`). */
export const FILE_SCHEMES =
  /(?:^|[+.-])(?:file|vscode[\w-]*|untitled|unix|sqlite|sftp|scp|smb|nfs|afp|wsl)$/i;

/** Hosts and routes where the rest of the path is the secret. */
export const WEBHOOKS =
  /(?:hooks\.slack(?:-gov)?\.com\/|(?:canary\.|ptb\.)?discord(?:app)?\.com\/api\/(?:v\d\d?\/)?webhooks\/|outlook\.office\.com\/webhook|hooks\.zapier\.com\/|maker\.ifttt\.com\/|[\w-]{1,64}\.(?:webhook\.office\.com\/|tines\.com\/webhook\/)|open\.(?:feishu\.cn|larksuite\.com)\/open-apis\/bot\/|api\.telegram\.org\/bot|api\.softlayer\.com\/soap\/v[\d.]+\/)/iy;

/** Directories that contain home directories; the name of a directory in them is the user's. */
export const HOLDERS = new Set(["home", "users", "documents and settings", "export", "people"]);

/** Account names of machines, images and build servers: they belong to nobody and are common words in traces. */
export const IMPERSONAL = wordsOf(`
  root node admin administrator runner runneradmin ubuntu debian fedora centos alpine ec2-user azureuser vagrant
  vscode codespace gitpod docker jenkins buildkite circleci travis nobody daemon system guest user users default test
  tests dev developer app application build builder git code land service worker container public shared www-data
  postgres oracle nonroot main home
`);

/** Names of people that are also words or terms in code; matched only where a name is likely: in a path or address. */
export const COMMON_NAMES = wordsOf(`
  mark will bill grace faith hope joy rose lily dawn summer april june august may art jack frank grant chase pat rob
  sue drew dean earl duke king prince rich miles reed wade brook heath cliff forest clay sandy ruby pearl jade amber
  crystal iris ivy daisy violet hazel olive ginger basil angel star sky storm wind rain river stone lane field wood
  woods max min math map list link page line type data file path name text token value index item object string array
  number error event hook host port server client proxy cache queue filter reduce sort push shift slice trace span
  tracer meter logger worker handler process thread buffer stream reader writer parser scanner
`);

/** Extensions of files and units that are not top-level domains, so that `chunk@next.js` is not an address. */
export const NO_DOMAINS = wordsOf(`
  js mjs cjs ts mts cts tsx jsx json css scss less map node html htm wasm png jpg jpeg gif svg webp ico avif bmp pdf
  txt md lock log yml yaml toml xml service socket target timer mount slice scope device swap tgz tar gz zip jar exe
  dll so dylib rs go py rb java kt cpp hpp vue svelte localhost snap patch diff mp4 mp3 woff woff2 ttf eot
`);
