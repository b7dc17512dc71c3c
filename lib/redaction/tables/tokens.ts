import { rowsOf } from "./rows.js";

/** Alphabets of tokens: `token` is safe in URLs; `base64` has both base64 alphabets and the signs that join parts. */
const ALPHABETS = new Map([
  ["word", "[A-Za-z\\d]"],
  ["token", "[\\w-]"],
  ["base64", "[\\w+/=.~-]"],
  ["hex", "[\\da-fA-F]"],
  ["upper", "[A-Z\\d]"],
]);
export type TokenRow = readonly [
  name: string,
  beginnings: string,
  rest: string,
  length?: string | undefined,
];

/** The row with the name of its alphabet replaced by a pattern. */
export function tokenRow([name, beginnings, rest = "", length]: readonly [
  string,
  string,
  ...string[],
]): TokenRow {
  return [name, beginnings, ALPHABETS.get(rest) ?? rest, length];
}

/**
 * The published forms of tokens, one a row: the name, the beginnings, the alphabet of the rest and its length. `16+` is
 * a minimum, a little below the published length so that a truncated token is still recognised; `16` is exact, for
 * tokens so short or plain that they have to stand alone. Without a length the rest is a whole pattern; a group in it
 * is the start of the token, before the word that is examined. Of two rows that begin alike the first is tried first.
 * PostHog's project keys (phc_) are public, so they are not listed.
 */
export const TOKENS = rowsOf(String.raw`
  # Forms that no beginning tells alone: an id with its secret, 40 characters of base64 that look like nothing else
  aws-pair             AKIA ASIA  [A-Z\d]{16,20}[\s:,"'=]{1,8}(?:[a-z_]{1,24}["' ]{0,2}[=:]["' ]{0,2})?(?=[A-Za-z+/=]*\d)[A-Za-z\d+/=]{40,}
  # … an id, which is a decimal number in base64, the time, and the secret
  discord              MD MT Mj Mz ND NT Nj Nz OD OT Oj Oz  [\w-]{21,27}\.[\w-]{6}\.[\w-]{27,128}
  slack-webhook        hooks.slack  (?:-gov)?\.com/(?:services|workflows|triggers)/[\w+/]{20,128}
  telegram             AA  (?<=\d{5}:AA)[\w-]{32,40}
  mailchimp            us1 us2 us3 us4 us5 us6 us7 us8 us9  (?<=(?<![\da-z])([\da-z]{32}-)us\d)\d?
  maxmind              mmk  (?<=(?<!\w)(\w{6}_[A-Za-z\d]{29}_)mmk)
  terraform-user       atlasv1.  (?<=(?<![a-z\d])([a-z\d]{14}\.)atlasv1\.)[\w+/=.~-]{40,128}
  newrelic-license     NRMA  (?<=([\da-fA-F]{36,42}-)NRMA)
  airtable             pat  [A-Za-z\d]{14}\.[\da-fA-F]{40,64}
  close                api_  [A-Za-z\d]{22}\.[A-Za-z\d]{20,22}
  harness              pat. sat.  [\w-]{22}\.[A-Za-z\d]{24}\.[A-Za-z\d]{20}
  launchdarkly         api- sdk- mob-  [\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}
  authress             sc_ ext_ scauth_ authress_  [a-z\d]{5,30}\.[a-z\d]{4,6}\.acc[_-][\w+/=.-]{40,160}
  der-key              MII  (?=[\w+/]*\d)[\w+/=]{200,}
  # At a sign in the middle: three characters, a digit, "Q~" and the rest; the number of an application, a bar and its secret
  azure                ~  (?<=(?<![\w~.-])([\w~.]{3}\dQ)~)[\w~.-]{31,64}
  facebook-app         |  (?<=\d{15}\|)[\w-]{27,40}
  # Clouds and where applications run
  aws                  AKIA ASIA ABIA ACCA AROA AIDA AGPA AIPA ANPA ANVA A3T  upper  16+
  aws-session          FwoGZXIvYXdz IQoJb3JpZ2luX2  base64  100+
  aws-bedrock          ABSK bedrock-api-key-  base64  26+
  google               AIza GOCSPX-  token  24+
  google-oauth         ya29. 1//0  base64  10+
  alibaba              LTAI  word  16+
  tencent              AKID  word  16+
  yandex               y0_ AQVN  token  20+
  yandex-aws           YC  token  38
  yandex-iam           t1.  base64  60+
  cloudflare-origin    v1.0-  [\da-f-]  24+
  cloudflare           cfut_ cfat_ cfk_  word  34+
  digitalocean         dop_v1_ doo_v1_ dor_v1_  hex  40+
  heroku               HRKU-  token  20+
  fly                  fm1_ fm1a_ fm1r_ fm2_ fo1_ FlyV1  base64  20+
  netlify              nfp_  token  20+
  supabase             sbp_ sb_secret_  token  20+
  planetscale          pscale_tkn_ pscale_pw_ pscale_oauth_  base64  20+
  pulumi               pul-  [a-z\d]  30+
  tailscale            tskey-  token  20+
  vercel               vcp_ vci_ vca_ vcr_ vck_ vercel_blob_rw_  token  20+
  vault                hvs. hvb. hvr.  base64  20+
  vault-legacy         s.  word  24
  terraform            atlasv1.  base64  40+
  dynatrace            dt0c01.  base64  20+
  doppler              dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit.  base64  20+
  age                  AGE-SECRET-KEY-1  word  50+
  databricks           dapi  hex  30+
  openshift            sha256~  token  40+
  clickhouse           4b1d  word  38
  salad                salad_cloud_  token  9+
  scalingo             tk-us-  token  30+
  endor                endr+  [A-Za-z\d-]  16+
  defined-networking   dnkey-  token  60+
  nightfall            NF-  word  32
  render               rnd_  word  30+
  runpod               rpa_  word  30+
  # Where code, packages and secrets are kept
  github               ghp_ gho_ ghu_ ghs_ ghr_  \w  30+
  github-fine          github_pat_  \w  22+
  gitlab               glpat- gldt- glrt- glcbt- glptt- glft- glimt- glagent- glsoat- gloas- glffct- GR1348941  token  18+
  atlassian            ATATT ATCTT3 ATBB  base64  22+
  bitbucket-server     BBDC-  [\w+/@-]  34+
  sourcegraph          sgp_ slk_ sqp_ squ_ sqa_  token  22+
  npm                  npm_  word  32+
  rubygems             rubygems_  word  32+
  crates               cio  word  32
  nuget                oy2  [a-z\d]  43
  clojars              CLOJARS_  word  30+
  artifactory          cmVmd  word  50+
  artifactory-key      AKC  word  20+
  docker               dckr_pat_ dckr_oat_  token  20+
  openvsx              ovsxp_ ovsxat_  token  20+
  pypi                 pypi-Ag  token  20+
  1password            A3-  token  28+
  1password-service    ops_eyJ  base64  40+
  octopus              API-  upper  26
  pinecone             pcsk_  token  40+
  # Chat, mail and calls
  slack                xoxb- xoxa- xoxc- xoxd- xoxp- xoxr- xoxs- xoxo- xoxe- xoxe. xapp- xwfp-  [\w.%-]  10+
  discord-user         mfa.  token  60+
  sendgrid             SG.  base64  40+
  brevo                xkeysib- xsmtpsib-  token  40+
  mailgun              key- pubkey-  [\da-z]  32
  twilio               SK AC  [\da-zA-Z]  32
  facebook             EAAA EAAB EAAC EAAD EAAE EAAF EAAG EAAH EAAI EAAJ EAAM IGQV  word  60+
  twitter              AAAAAAAAAAAAAAAAAAAAA  [\w%+/=-]  60+
  linkedin             AQE  base64  60+
  intercom             dG9rO  base64  40+
  # Payment and trade
  stripe               sk_live_ sk_test_ sk_prod_ rk_live_ rk_test_ rk_prod_ pk_live_ pk_test_ whsec_  word  10+
  stripe-organization  sk_org_live_ sk_org_test_  word  20+
  stripe-intent        pi_ seti_  \w  50+
  razorpay             rzp_live_ rzp_test_  word  10+
  square               sq0atp- sq0i sq0c sqco_ EAAA  token  20+
  shopify              shpat_ shpca_ shppa_ shpss_ shltm_  token  30+
  paddle               pdl_live_ pdl_sdbx_  token  20+
  flutterwave          FLWSECK- FLWSECK_ FLWPUBK_TEST- FLWPUBK-  token  12+
  shippo               shippo_live_ shippo_test_  word  20+
  duffel               duffel_live_ duffel_test_  base64  20+
  easypost             EZAK EZTK  word  20+
  braintree            access_token$production$ access_token$sandbox$  token  20+
  plaid                access-sandbox- access-development- access-production-  [\da-f-]  36+
  lob                  live_ test_ live_pub_ test_pub_  hex  31+
  gocardless           live_  base64  40+
  ramp                 ramp_id_ ramp_sec_  word  30+
  # Models
  openai               sk-proj- sk-svcacct- sk-service- sk-admin- sk-None- sk-or-v1- sk-lf- pk-lf-  token  20+
  anthropic            sk-ant-  token  20+
  sk                   sk-  word  30+
  sk-underscored       sk_  word  30+
  groq                 gsk_  word  30+
  huggingface          hf_ api_org_  word  30+
  replicate            r8_  token  30+
  xai                  xai-  token  30+
  perplexity           pplx-  word  30+
  nvidia               nvapi-  token  20+
  together             tgp_v1_  token  20+
  langsmith            lsv2_pt_ lsv2_sk_  token  20+
  tavily               tvly-  token  20+
  firecrawl            fc-  hex  30+
  cerebras             csk- jina_  word  30+
  fireworks            fw_  word  22+
  gemini               AQ.Ab8  token  20+
  e2b                  e2b_ key_ crsr_  hex  40+
  apify                apify_api_  word  30+
  salesforce           3MVG9 5AEP861  base64  80+
  # Analytics, observability and the rest
  posthog              phx_ phs_ pha_ phr_  \w  20+
  newrelic             NRAK- NRII- NRIQ- NRAA- NRJS- NRBR-  token  17+
  grafana              glsa_ glc_  base64  30+
  sentry               sntrys_ sntryu_  base64  20+
  linear               lin_api_ lin_oauth_  \w  20+
  figma                figd_ figo_ figp_ figu_  base64  20+
  postman              PMAK-  token  20+
  contentful           CFPAT-  token  20+
  circleci             CCIPAT_  token  20+
  buildkite            bkua_  word  20+
  typeform             tfp_  base64  20+
  readme               rdme_  word  20+
  prefect              pnu_ pnb_  word  20+
  frameio              fio-u-  base64  20+
  hubspot              pat-na1- pat-eu1-  token  20+
  notion               secret_ ntn_  word  40+
  infracost            ico-  word  32
  dropbox              sl.  base64  40+
  ory                  ory_at_ ory_rt_  base64  30+
  deno                 ddp_ ddw_  word  30+
  adafruit             aio_  word  24+
  wakatime             waka_  [\da-f-]  30+
  elastic              esecret_  word  22+
  adobe                p8e-  word  32
  settlemint           sm_aat_ sm_pat_ sm_sat_  word  16+
  intra42              s-s4t2ud- s-s4t2af- u-s4t2ud- u-s4t2af-  hex  40+
  beamer               b_  [a-z\d=_-]  44
  rootly               rootly_  hex  40+
  fullstory            na1.  base64  80+
  clickup              pk_  [\w]  34+
  mapbox               pk.eyJ sk.eyJ tk.eyJ  base64  40+
  iex                  pk. sk.  [A-Za-z\d-]  32
  portainer            ptr_  base64  20+
  pagarme              ak_live_ flb_live_  token  18+
  other                pat_ pa- ak_ tok_  word  28+
  bannerbear           bb_pr_ bb_ma_ web_  hex  30+
  ubidots              BBFF-  word  30
  pubnub               pub-c- sub-c-  [\da-z-]  36
  hcp                  v1.  hex  40+
  zoho                 1000.  [\da-f.]  60+
  voiceflow            VF.  [\w.]  36+
  azure-oauth          0.A 1.A  [\w.-]  60+
  json-web-token       eyJ ewo ZXlK  base64  17+
`).map(tokenRow);
