/*
 * What tokens look like, from facts that the makers of well-known scanners publish: beginnings, alphabets and lengths.
 * In a form, `{A36}` stands for 36 letters and digits; with l and U, the letters have one case; T adds `_` and `-`;
 * B is base64; h, x and X are hex digits; L and z letters; D digits. The values are ours, the same for the same seed.
 */

/** Forms that are recognisable on their own, from gitleaks. */
export const GITLEAKS = String.raw`
1password-secret-key A3-{U6}-{U11}-{U5}-{U5}-{U5}
1password-service-account-token ops_eyJ{B250}
adobe-client-secret p8e-{l32}
age-secret-key AGE-SECRET-KEY-1{U58}
airtable-personnal-access-token pat{A14}.{x64}
alibaba-access-key-id LTAI{l20}
anthropic-admin-api-key sk-ant-admin01-{T93}AA
anthropic-api-key sk-ant-api03-{T93}AA
artifactory-api-key AKCp{A69}
artifactory-reference-token cmVmd{A59}
authress-service-client-access-key sc_{l5}.{l4}.acc-{l10}.{l30}
aws-access-token AKIA{U16}
aws-amazon-bedrock-api-key-long-lived ABSK{B109}
clickhouse-cloud-api-secret-key 4b1d{A38}
clojars-api-token CLOJARS_{l60}
cloudflare-origin-ca-key v1.0-{x24}-{x146}
databricks-api-token dapi{x32}
digitalocean-access-token doo_v1_{x64}
digitalocean-pat dop_v1_{x64}
digitalocean-refresh-token dor_v1_{x64}
doppler-api-token dp.pt.{l43}
duffel-api-token duffel_test_{l43}
dynatrace-api-token dt0c01.{l24}.{l64}
easypost-api-token EZAK{l54}
easypost-test-api-token EZTK{l54}
facebook-page-access-token EAAM{l100}
flutterwave-encryption-key FLWSECK_TEST-{x12}
flutterwave-public-key FLWPUBK_TEST-{x32}-X
flutterwave-secret-key FLWSECK_TEST-{x32}-X
flyio-access-token fo1_{T43}
frameio-api-token fio-u-{l64}
gcp-api-key AIza{T35}
github-app-token ghs_{A36}
github-fine-grained-pat github_pat_{A82}
github-oauth gho_{A36}
github-pat ghp_{A36}
github-refresh-token ghr_{A36}
gitlab-cicd-job-token glcbt-{A1}_{T20}
gitlab-deploy-token gldt-{T20}
gitlab-feature-flag-client-token glffct-{T20}
gitlab-feed-token glft-{T20}
gitlab-incoming-mail-token glimt-{T25}
gitlab-kubernetes-agent-token glagent-{T50}
gitlab-oauth-app-secret gloas-{T64}
gitlab-pat glpat-{T20}
gitlab-pat-routable glpat-{T27}.{l2}{l7}
gitlab-ptt glptt-{x40}
gitlab-rrt GR1348941{T20}
gitlab-runner-authentication-token glrt-{T20}
gitlab-runner-authentication-token-routable glrt-t{D1}_{T27}.{l2}{l7}
gitlab-scim-token glsoat-{T20}
grafana-api-key eyJrIjoi{A70}
grafana-cloud-api-token glc_{B32}
grafana-service-account-token glsa_{A32}_{h8}
harness-api-key pat.{T22}.{A24}.{A20}
hashicorp-tf-api-token {l14}.atlasv1.{l60}
heroku-api-key-v2 HRKU-AA{T58}
huggingface-access-token hf_{z34}
huggingface-organization-api-token api_org_{z34}
infracost-api-token ico-{A32}
intra42-client-secret s-s4t2ud-{x64}
jwt-base64 ZXlKaGJHY2lPaU{T40}
linear-api-key lin_api_{l40}
maxmind-license-key {A6}_{A29}_mmk
microsoft-teams-webhook https://{l8}.webhook.office.com/webhookb2/{l8}-{l4}-{l4}-{l4}-{l12}@{l8}-{l4}-{l4}-{l4}-{l12}/IncomingWebhook/{l32}/{l8}-{l4}-{l4}-{l4}-{l12}
notion-api-token ntn_{D11}{A32}{A3}
npm-access-token npm_{l36}
octopus-deploy-api-key API-{U26}
openai-api-key sk-proj-{T74}T3BlbkFJ{T74}
openshift-user-token sha256~{T43}
perplexity-api-key pplx-{A48}
planetscale-api-token pscale_tkn_{T32}
planetscale-oauth-token pscale_oauth_{T32}
planetscale-password pscale_pw_{T32}
postman-api-token PMAK-{x24}-{x34}
prefect-api-token pnu_{A36}
pulumi-api-token pul-{x40}
pypi-upload-token pypi-AgEIcHlwaS5vcmc{T50}
readme-api-token rdme_{l70}
rubygems-api-token rubygems_{x48}
scalingo-api-token tk-us-{T48}
sendgrid-api-token SG.{l66}
sendinblue-api-token xkeysib-{x64}-{l16}
sentry-org-token sntrys_eyJpYXQiO{B10}LCJyZWdpb25fdXJs{B10}_{B43}
sentry-user-token sntryu_{x64}
settlemint-application-access-token sm_aat_{A16}
settlemint-personal-access-token sm_pat_{A16}
settlemint-service-access-token sm_sat_{A16}
shippo-api-token shippo_live_{h40}
shopify-access-token shpat_{h32}
shopify-custom-access-token shpca_{h32}
shopify-private-app-access-token shppa_{h32}
shopify-shared-secret shpss_{h32}
slack-bot-token xoxb-{D10}-{D10}
slack-config-access-token xoxe.xoxb-{D1}-{U163}
slack-config-refresh-token xoxe-{D1}-{U146}
slack-legacy-bot-token xoxb-{D8}-{A18}
slack-legacy-workspace-token xoxa-{A20}
slack-user-token xoxp-{D10}-{D10}-{D10}-{A28}
slack-webhook-url hooks.slack.com/services/{B43}
sourcegraph-access-token sgp_{h16}_{h40}
square-access-token EAAA{T22}
stripe-access-token sk_test_{A10}
twilio-api-key SK{h32}
vault-batch-token hvb.{T138}
vault-service-token hvs.{T90}
facebook-access-token {D15}|{l27}
jwt eyJ{A17}.eyJ{T17}.{T27}
azure-ad-client-secret {A3}{D1}Q~{T31}
slack-legacy-token xoxs-{D11}-{D11}-{D11}-{x10}
slack-app-token xapp-1-{U9}-{D12}-{l32}
flyio-long fm2_{B100}
aws-bedrock-short bedrock-api-key-{B120}
`;

/** Others from TruffleHog, where gitleaks has no rule. */
export const TRUFFLEHOG = String.raw`
aws-temporary ASIA{U16}
alibaba-long LTAI{A21}
netlify nfp_{A36}
supabase sbp_{l40}
buildkite bkua_{l40}
groq gsk_{A52}
nvidia nvapi-{T64}
langsmith lsv2_pt_{x32}_{x10}
openrouter sk-or-v1-{x64}
xai xai-{A80}
replicate r8_{A37}
pinecone pcsk_{A6}_{A63}
circleci CCIPAT_{A22}_{x40}
docker dckr_pat_{T27}
docker-organization dckr_oat_{T32}
doppler-service dp.st.prd.{A43}
deno ddp_{A36}
portainer ptr_{B40}
rootly rootly_{x64}
ramp ramp_sec_{A48}
salad salad_cloud_user_{A20}
shopify-marketplace shltm_{A40}
squareup sqco_{A59}
posthog phx_{A43}
voiceflow VF.DM.{x24}.{A16}
nightfall NF-{A32}
newrelic-insights NRIQ-{A25}
newrelic-browser NRBR-{x19}
newrelic-license AA{x40}-NRMA
stripe-intent pi_{A24}_secret_{A25}
close-crm api_{A22}.{A22}
launchdarkly sdk-{x8}-{x4}-4{x3}-{x4}-{x12}
adafruit aio_{A28}
apify apify_api_{A36}
bannerbear bb_pr_{x30}
figma-plan figp_{T42}
contentful CFPAT-{T43}
typeform tfp_{A44}
tailscale tskey-auth-{A12}-{A32}
vercel vcp_{A24}
razorpay rzp_live_{A14}
pulumi pul-{l40}
trello-like-grafana glc_eyJ{B80}
google-oauth ya29.{T60}
google-refresh 1//0{T60}
openai-service sk-service-{A20}T3BlbkFJ{A20}
atlassian ATATT3xFfGF0{T100}={X8}
atlassian-organization ATCTT3xFfG{T100}={X8}
bitbucket-data-center BBDC-{B44}
bitbucket-app ATBB{A32}
salesforce-consumer 3MVG9{A80}
zoho 1000.{x32}.{x32}
mapbox-secret sk.eyJ{A60}.{A22}
rubygems rubygems_{x48}
sourcegraph-cody slk_{x64}
mailchimp {x32}-us14
sendgrid SG.{T22}.{T43}
discord MTA{A21}.{T6}.{T27}
telegram {D9}:AA{T33}
discord-webhook https://discord.com/api/webhooks/{D18}/{T68}
zapier-webhook https://hooks.zapier.com/hooks/catch/{D7}/{l7}
slack-workflow https://hooks.slack.com/workflows/T{U8}/A{U8}/{D18}/{A24}
tines-webhook https://{l8}.tines.com/webhook/{l32}/{l32}
ubidots BBFF-{A30}
pagarme ak_live_{A30}
endor endr+{A16}
azure-storage AccountKey={B86}==
azure-refresh 0.A{T60}.Ag{T250}
redis-cache x.redis.cache.windows.net:6380,password={B43}=,ssl=True
flutterwave FLWSECK-{l32}-X
fullstory na1.{B100}
heroku HRKU-AA{T58}
hubspot pat-na1-{x8}-{x4}-{x4}-{x4}-{x12}
pubnub sub-c-{x8}-{x4}-{x4}-{x4}-{x12}
`;

/** Others from secretlint and detect-secrets, where the form differs. */
export const OTHERS = String.raw`
secretlint-aws AGPA{U16}
secretlint-1password ops_eyJ{B120}fQ==
secretlint-cloudflare cfut_{A40}{x8}
secretlint-cloudflare-key cfk_{A40}{x8}
secretlint-figma figd_{T40}
secretlint-github-app ghs_{D8}_{T40}.{T60}.{T40}
secretlint-vault hvr.{T90}
secretlint-huggingface hf_{L34}
secretlint-linear lin_api_{A40}
secretlint-vercel vck_{A24}
secretlint-shopify shpat_{A32}
secretlint-stripe rk_live_{A24}
secretlint-npm npm_{A36}
secretlint-slack xoxb-{D12}-{A24}
secretlint-gitlab glpat-{T40}
detect-secrets-artifactory AKC{A24}
detect-secrets-openai sk-{A20}T3BlbkFJ{A20}
detect-secrets-pypi pypi-AgENdGVzdC5weXBpLm9yZw{T70}
detect-secrets-square sq0csp-{T43}
detect-secrets-twilio AC{l32}
detect-secrets-stripe sk_live_{A24}
detect-secrets-gitlab glcbt-{x2}_{T20}
detect-secrets-npm //registry.example.org/:_authToken={uuid}
detect-secrets-softlayer https://api.softlayer.com/soap/v3.1/{l64}
detect-secrets-private-key -----BEGIN SSH2 ENCRYPTED PRIVATE KEY-----\n{B60}
`;

/** Values recognisable only by their service's name beside them, from gitleaks: rule, service, value; secrets only. */
export const BY_SERVICE = String.raw`
adafruit-api-key adafruit {l32}
airtable-api-key airtable {l17}
algolia-api-key algolia {l32}
alibaba-secret-key alibaba {l30}
asana-client-secret asana {l32}
atlassian-api-token atlassian {l20}{x4}
beamer-api-token beamer b_{l44}
bitbucket-client-secret bitbucket {l64}
bittrex-access-key bittrex {l32}
bittrex-secret-key bittrex {l32}
cisco-meraki-api-key meraki {x40}
cloudflare-api-key cloudflare {l40}
cloudflare-global-api-key cloudflare {x37}
codecov-access-token codecov {l32}
cohere-api-token cohere {A40}
coinbase-access-token coinbase {l64}
confluent-access-token confluent {l16}
confluent-secret-key confluent {l64}
contentful-delivery-api-token contentful {l43}
datadog-access-token datadog {l40}
defined-networking-api-token dnkey dnkey-{l26}-{l52}
discord-api-token discord {x64}
discord-client-secret discord {l32}
droneci-access-token droneci {l32}
dropbox-api-token dropbox {l15}
dropbox-long-lived-api-token dropbox {l11}AAAAAAAAAA{l43}
dropbox-short-lived-api-token dropbox sl.{l135}
etsy-access-token etsy {l24}
facebook-secret facebook {x32}
fastly-api-token fastly {l32}
finicity-api-token finicity {x32}
finicity-client-secret finicity {l20}
finnhub-access-token finnhub {l20}
flickr-access-token flickr {l32}
freshbooks-access-token freshbooks {l64}
gitter-access-token gitter {l40}
gocardless-api-token gocardless live_{l40}
heroku-api-key heroku {x8}-{x4}-{x4}-{x4}-{x12}
hubspot-api-key hubspot {X8}-{X4}-{X4}-{X4}-{X12}
intercom-api-key intercom {l60}
jfrog-api-key artifactory {l73}
jfrog-identity-token artifactory {l64}
kraken-access-token kraken {l80}
kucoin-access-token kucoin {x24}
kucoin-secret-key kucoin {x8}-{x4}-{x4}-{x4}-{x12}
launchdarkly-access-token launchdarkly {l40}
linear-client-secret linear {x32}
linkedin-client-secret linkedin {l16}
lob-api-key lob live_{x35}
lob-pub-api-key lob test_pub_{x31}
looker-client-secret looker {l24}
mailchimp-api-key mailchimp {x32}-us{D1}{D1}
mailgun-private-api-token mailgun key-{x32}
mailgun-pub-key mailgun pubkey-{x32}
mailgun-signing-key mailgun {x32}-{x8}-{x8}
mapbox-api-token mapbox pk.{l60}.{l22}
mattermost-access-token mattermost {l26}
messagebird-api-token messagebird {l25}
netlify-access-token netlify {l40}
new-relic-browser-api-token new_relic NRJS-{x19}
new-relic-insert-key new_relic NRII-{l32}
new-relic-user-api-key new_relic NRAK-{l27}
nytimes-access-token nytimes {l32}
okta-access-token okta 00{T40}
plaid-api-token plaid access-sandbox-{x8}-{x4}-{x4}-{x4}-{x12}
plaid-secret-key plaid {l30}
privateai-api-token privateai {l32}
rapidapi-access-token rapidapi {l50}
sendbird-access-token sendbird {x40}
sentry-access-token sentry {x64}
snyk-api-token snyk {x8}-{x4}-{x4}-{x4}-{x12}
sonar-api-token sonar {l40}
squarespace-access-token squarespace {x8}-{x4}-{x4}-{x4}-{x12}
sumologic-access-token sumo {l64}
telegram-bot-api-token telegram {D5}:A{l34}
travisci-access-token travis {l22}
twitch-api-token twitch {l30}
twitter-access-secret twitter {l45}
twitter-access-token twitter {D15}-{A20}
twitter-api-key twitter {l25}
twitter-api-secret twitter {l50}
twitter-bearer-token twitter AAAAAAAAAAAAAAAAAAAAAA{A80}
typeform-api-token typeform tfp_{l59}
yandex-api-key yandex AQVN{T35}
yandex-aws-access-token yandex YC{T38}
zendesk-secret-key zendesk {l40}
`;
