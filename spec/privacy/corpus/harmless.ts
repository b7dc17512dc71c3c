import { draw } from "./canaries.js";

const TIERS = "mountain air echo rest grove mist sidecar common cocoon wind sky worker output build".split(" ");
const ACTIONS = "handler entry:load entry:loaded session:start error handler:complete stub:active throttle-dropped ipc:invoke secret:get token:refresh password:prompt".split(" ");
const SERVICES = "land.CocoonService land.MountainService grpc.health.v1.Health vine.v1.CocoonService opentelemetry.proto.collector.trace.v1.TraceService".split(" ");
const METHODS = "ProcessMountainRequest SendMountainNotification CancelOperation OpenChannelFromMountain Check Watch Export".split(" ");
const LSP =
  "textDocument/hover textDocument/completion textDocument/semanticTokens/full workspace/didChangeWatchedFiles workspace/executeCommand window/showMessage $/cancelRequest $/progress $/setTrace client/registerCapability completionItem/resolve initialize initialized shutdown exit".split(" ");
const MIME = "text/plain text/html application/json application/grpc+proto application/x-protobuf image/svg+xml multipart/form-data audio/mpeg font/woff2 text/plain;charset=utf-8".split(" ");
const SPECIFIERS =
  "@scope/pkg @opentelemetry/api @opentelemetry/sdk-trace-base @scope/pkg@1.2.3 land-telemetry@0.1.0 pkg@v1.2.3-rc.one jest@30.5.2-alpha.beta node:fs node:internal/process/task_queues lodash/fp ./src/index.ts ../lib/privacy/Scanner.js src/home/page.tsx lib/users/list.ts @/components/Button #internal/x dist/index.cjs chunk@next.js a/b/c.d.ts packages/core/src/etc/hosts.ts".split(" ");
const ROUTES =
  "/v1/traces /batch/ /healthz /api/v2/users /users/:id /items/{id} /api/projects/@current/x /graphql /socket.io/x GET /users/1 POST /api/login/step DELETE /data/items/7".replaceAll(/ (\/)/g, "|$1").replaceAll(/ (GET|POST|DELETE)/g, "|$1").replaceAll(/(GET|POST|DELETE)\|/g, "$1 ").split("|");
const URLS =
  "https://example.com https://example.com/ https://eu.i.posthog.com http://127.0.0.1:4318/v1/traces http://localhost:50052 grpc://127.0.0.1:50051 https://opentelemetry.io/schemas/1.45.0 https://registry.example.com/@scope/pkg ws://[::1]:8080/socket https://example.com/docs#section https://example.com/a/b/c.html https://example.com:8443/home/products".split(" ");
const SENTENCES = [
  "Cannot read properties of undefined (reading 'x')", "Unexpected token '}', \"{]\" is not valid JSON", "unexpected token: identifier", "connect ECONNREFUSED 127.0.0.1:4318", "getaddrinfo ENOTFOUND example.com", "The operation was aborted", "socket hang up", "read ECONNRESET",
  "Basic authentication failed", "Bearer token missing", "basic usage", "password: required", "the password is wrong", "invalid api key", "token expired", "secret not found", "max_tokens=100", "CancellationToken=None", "pass=3 fail=0", "key=value", "x=1", "a=b&c=d", "and/or", "n/a", "yes/no", "1/2", "km/h", "24/7", "I/O error", "TCP/IP",
  "50% done", "100%", "3 of 5", "What? no", "a ? b : c", "a?.b", "x => y", "fn(a, b)", "{ a: 1 }", "[1, 2, 3]", "C: drive", "ratio 3:4", "12:30:45", "5 @ 3", "@Injectable", "#1234", "issue #12", "~5 ms", "~1.2.3", "^1.0.0", ">=20.20", "</div>", "<anonymous>", "// comment", "/* c */", "/^foo$/g", "\\d+", "a\\b", "line\nnext", "tab\there", "…", "naïve café", "日本語", "emoji 🎉 here",
  "UNAVAILABLE: 14", "DEADLINE_EXCEEDED", "2 UNKNOWN: handler failed", "AbortError", "TypeError", "ERR_INVALID_ARG_TYPE", "ENOENT", "SIGTERM", "SIGKILL", "basic", "bearer", "data: none", "data:text/plain,hi", "eyJ", "sk-learn", "sk-short", "key-value-store", "AC", "SKIP", "SKU-4711", "ACTION_REQUIRED", "npm_config_user_agent", "npm_lifecycle_event", "ghp_short", "AKIA", "xoxo", "hf_hub", "secret_manager", "glc_config", "pk.id", "ops_dashboard_overview_main_page_view", "access-production-logs", "ico-arrow-left-circle-outline-24", "fc-bayern", "r8_shrinker",
  "    at Handler.step (node:internal/process/task_queues:95:5)", "    at async Promise.all (index 0)", "    at new Promise (<anonymous>)", "    at Object.<anonymous> (dist/main.js:10:5)", "at processTicksAndRejections", "jane", "quist", "jane.quister", "xjane.quist2", "BEGIN TRANSACTION", "-----BEGIN CERTIFICATE-----", "us1", "eu-west-1", "us-east-1a", "status us2", "1//2", "a~b", "Q~x",
];
/** Text that looks like a secret, a path or a name for a part of its length. */
const ALIKE = [
  "std::collections::HashMap", "tokio::runtime::task::core", "mountain::ipc::invoke", "core::option::Option<T>", "a::b::c", "&'static str", "Vec<u8>", "impl<T> Into<T>", "#[derive(Debug)]", "fn main() -> Result<()>", "src\\main.rs", "crate::Error::Io",
  ".button:hover", "#header", "color: #ff00aa", "@media (max-width: 600px)", "margin: 0 auto", "var(--vscode-editor-background)", "url(image.png)", "a > b + c ~ d", "grid-template-areas: 'a b'", "content: '\\201C'", "rgba(0, 0, 0, 0.5)", "calc(100% - 20px)", "100%2", "%s of %d", "50%25", "%(name)s", "%-5s|", "100%,",
  "@deprecated use start()", "@param name", "@types/node", "@vscode/test-electron@2.4.1", "@scope/pkg/deep/file.js", "npm:@scope/pkg@^1.0.0", "workspace:*", "link:../x", "git tag v1.2.3", "HEAD~1", "HEAD^", "main..feature", "origin/main", "refs/heads/main", "9e01246", "484bfd1a", "c80246c9f0",
  "1.0.0-alpha.1+build.5", ">=1.2.3 <2.0.0", "~1.2.3 || ^2.0.0", "node@22.23.0", "2026-11-22T19:14:35Z", "2026-11-22T19:14:35.123+01:00", "20261122T191435Z", "PT1H30M", "Sun, 22 Nov 2026 19:14:35 GMT", "1732302875", "1.5e-7", "0x1f", "0b1010", "1_000_000", "12,345.67", "$12.50", "\u20ac 5", "3\u00d74", "5\u00b0C", "a \u2192 b", "x \u2260 y",
  "application/vnd.api+json", "text/event-stream; charset=utf-8", "image/png;q=0.8", "*/*", "max-age=3600, must-revalidate", "gzip, deflate, br", "bytes=0-1023", "keep-alive", "same-origin", "W/\"5f3\"", "no-cache", "text/x-rust", "audio/webm;codecs=opus",
  "--help", "--token is required", "--password was not given", "use --secret to set it", "-p 8080", "-v", "--port 8080", "--max-old-space-size=4096", "--api-version 2", "$PATH", "%PATH%", "${name}", "$HOME", "%TEMP% is set", "HOME is unset", "set HOME first", "~5 ms", "~ok", "a~b/c", "~3/4 done",
  "signature: (a, b) => c", "sig: none", "csrf check", "signature mismatch", "cookie: none", "cookies disabled", "session ended", "sessions: 3", "token: none", "tokens: 42", "pass: 12", "auth: ok", "author: nobody", "authority", "secretary", "passive", "password", "passwordless login", "api", "apiVersion: v1", "apikey missing", "cookie-parser", "keyboard", "bearer of news", "basic block", "basic+advanced", "bearer+token",
  "what?", "is it?yes", "a?b:c", "50%3", "100%done", "%3D", "a%20b", "caf%C3%A9", "x%3Dy", "1%2F2", "hello%20world", "%E2%9C%93", "a%3Ab", "key%3Dvalue", "mode%3Ddark%26size%3D3",
  "line\\nnext", "tab\\tstop", "\\u0041", "\\x41", "C\\n", "\\d+\\s*", "^\\w+$", "a\\\\b", "\u001b[31mred\u001b[0m", "\u001b[1;32mok\u001b[0m", "[31m", "[info] started", "[1/5] build", "(3 of 5)", "\u65e0\u6cd5\u6253\u5f00", "\u6587\u4ef6abc", "\u30c6\u30b9\u30c8 test", "\u0442\u0435\u0441\u0442 ok", "\u00fcber alles", "na\u00efve",
  "</path>", "<b>bold</b>", "<br/>", "<a/>", "a</b>", "<T>/<U>", "=>/", "x>y", "1</2", "a^b", "2^10", "^/$", "@/x", "@~", "-I", "-L/", "-x/y", "v1.2", "v1.alpha", "A3-paper", "A3-format", "key_value", "key_down", "pat_match", "tok_kind", "mfa.enabled", "ak_47", "pa-2", "rnd_seed", "rpa_bot", "EAAA", "AQE", "data:", "data: text", "BEGIN", "BEGIN WORK", "BEGIN CERTIFICATE", "webpack:///./src/index.ts", "webpack:///src/app/main.ts", "webpack-internal:///./src/x.js", "vscode:extension/acme.orchid", "blob:null/abc", "about:blank", "mailto:", "tel:+123", "data:,hi", "javascript:void(0)",
];
const KEYS = "error.type service.name rpc.system.name http.request.method url.scheme network.protocol.name exception.message process.runtime.version telemetry.sdk.language deployment.environment.name".split(" ");

/** Ordinary values of spans and events; redaction must not touch one of them. */
export function harmless(): readonly string[] {
  const numbers = Array.from({ length: 30 }, (_, index) => index);
  const uuid = (seed: number): string => `${draw(HEX, 8, seed)}-${draw(HEX, 4, seed + 1)}-4${draw(HEX, 3, seed + 2)}-a${draw(HEX, 3, seed + 3)}-${draw(HEX, 12, seed + 4)}`;
  return [
    ...TIERS.flatMap((tier) => ACTIONS.map((action) => `land:${tier}:${action}`)),
    ...SERVICES.flatMap((service) => METHODS.flatMap((method) => [`${service}/${method}`, `/${service}/${method}`])),
    ...LSP, ...MIME, ...SPECIFIERS, ...ROUTES, ...URLS, ...SENTENCES, ...ALIKE, ...KEYS,
    ...numbers.flatMap((seed) => [uuid(seed), draw(HEX, 32, seed + 100), draw(HEX, 16, seed + 200), `00-${draw(HEX, 32, seed)}-${draw(HEX, 16, seed)}-01`]),
    ...numbers.flatMap((n) => [`${n}.${n + 1}.${n + 2}`, `v${n}.0.0-beta.${n}`, `${n} ms`, `${n * 3} MB`, `${n}%`, `2026-11-${String((n % 28) + 1).padStart(2, "0")}T10:00:${String(n).padStart(2, "0")}.000Z`, `2026/11/${(n % 28) + 1}`, `10.0.0.${n}:${n + 5000}`, `node v${n}.1.0 linux x64`]),
    ...TIERS.map((tier) => `land-editor-${tier}`),
  ];
}

const HEX = "0123456789abcdef";
