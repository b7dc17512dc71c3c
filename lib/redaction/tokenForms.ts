import { Bit } from "./characters.js";

/** How the tokens of one provider look: a fixed beginning, then at least so many characters of one kind. */
export interface TokenForm {
  readonly prefix: string;
  readonly bits: number;
  readonly least: number;
}

/*
 * One line for each kind of character and length; the beginnings are the ones that the providers publish. The
 * lengths are lower bounds, a little under the published ones, so that a token that was cut is still known.
 * PostHog's project keys (phc_) are public and part of every request, so they are not here.
 */
const FORMS: readonly (readonly [bits: number, least: number, prefixes: string])[] = [
  // Cloud
  [Bit.Upper, 16, "AKIA ASIA ABIA ACCA AROA AIDA"],
  [Bit.Base64, 100, "FwoGZXIvYXdz IQoJb3JpZ2luX2"],
  [Bit.Token, 30, "AIza"],
  [Bit.Token, 24, "GOCSPX-"],
  [Bit.Base64, 20, "ya29. 1//0 FlyV1 fm1_ fm2_ fo1_"],
  [Bit.Word, 16, "LTAI AKID"],
  [Bit.Base64, 60, "ABSK bedrock-api-key-"],
  [Bit.Hex, 24, "v1.0-"],
  [Bit.Hex, 40, "dop_v1_ doo_v1_ dor_v1_"],
  [
    Bit.Token,
    20,
    "HRKU- nfp_ sbp_ sb_secret_ pscale_tkn_ pscale_pw_ pscale_oauth_ pul- tskey- vcp_ vck_ vca_ y0_ AQVN",
  ],
  [Bit.Base64, 20, "hvs. hvb. hvr. dt0c01. dp.pt. dp.st. dp.ct. dp.sa. AGE-SECRET-KEY-1"],
  // Git hosting
  [Bit.Word, 30, "ghp_ gho_ ghu_ ghs_ ghr_"],
  [Bit.Token, 22, "github_pat_ ATATT3 ATCTT3 ATBB sgp_"],
  [
    Bit.Token,
    18,
    "glpat- gldt- glrt- glcbt- glptt- glft- glimt- glagent- glsoat- gloas- glffct- GR1348941",
  ],
  // Package registries
  [Bit.Word, 32, "npm_ rubygems_ cio oy2 CLOJARS_ AKCp"],
  [Bit.Token, 20, "dckr_pat_ dckr_oat_ ovsxp_ ovsxat_ pypi-AgE pypi-AgEN"],
  // Chat
  [Bit.Token, 10, "xoxb- xoxa- xoxc- xoxd- xoxp- xoxr- xoxs- xoxo- xoxe- xoxe. xapp- xwfp-"],
  [Bit.Base64, 40, "SG."],
  [Bit.Token, 60, "mfa. xkeysib- xsmtpsib-"],
  [Bit.Hex, 30, "key- SK AC dapi"],
  // Payment
  [
    Bit.Word,
    10,
    "sk_live_ sk_test_ rk_live_ rk_test_ pk_live_ pk_test_ whsec_ rzp_live_ rzp_test_",
  ],
  [
    Bit.Token,
    20,
    "sq0atp- sq0csp- sq0idp- EAAA shpat_ shpca_ shppa_ shpss_ pdl_live_ pdl_sdbx_ FLWSECK_ FLWSECK- shippo_live_ shippo_test_ duffel_live_ duffel_test_ EZAK EZTK access_token$production$ access_token$sandbox$",
  ],
  [Bit.Token, 36, "access-sandbox- access-production-"],
  [Bit.Word, 20, "sk_org_live_ sk_org_test_"],
  // Model APIs
  [
    Bit.Token,
    20,
    "sk-ant- sk-proj- sk-svcacct- sk-admin- sk-or-v1- sk-lf- pk-lf- sk-None- nvapi- tgp_v1_ lsv2_pt_ lsv2_sk_ tvly- AQ.Ab8",
  ],
  [Bit.Word, 30, "sk- gsk_ hf_ api_org_ r8_ fc- sk_ xai- pplx- csk- jina_"],
  [Bit.Word, 22, "fw_ esecret_"],
  [Bit.Word, 30, "rpa_ rnd_ apify_api_"],
  [Bit.Hex, 40, "e2b_ key_ crsr_"],
  // Analytics, observability and the rest
  [Bit.Word, 20, "phx_ phs_ pha_ phr_"],
  [
    Bit.Token,
    20,
    "NRAK- NRII- NRAA- NRJS- glsa_ sntrys_ sntryu_ lin_api_ lin_oauth_ figd_ figo_ PMAK- CFPAT- CCIPAT_ bkua_ tfp_ rdme_ pnu_ fio-u- pat-na1- pat-eu1-",
  ],
  [Bit.Word, 40, "secret_ ntn_"],
  [Bit.Word, 30, "ico-"],
  [Bit.Hex, 40, "sqp_ squ_ sqa_"],
  [Bit.Base64, 40, "glc_ sl. ory_at_ ory_rt_ vercel_blob_rw_ cmVmdGtuOj BBDC-"],
  [Bit.Word, 60, "EAAA EAAB EAAC EAAD EAAE EAAF EAAG EAAH EAAI EAAJ IGQV"],
  [Bit.Hex, 8, "waka_"],
  [Bit.Word, 34, "ddp_ cfut_ cfat_ pat_ pa- ak_"],
  [Bit.Word, 24, "aio_ tok_"],
  [Bit.Base64, 60, "atlasv1. AQE"],
  [Bit.Token, 28, "A3-"],
  [Bit.Hex, 40, "v1."],
  [Bit.Base64, 60, "AAAAAAAAAAAAAAAAAAAAA"],
  // JSON web tokens and other JSON in base64
  [Bit.Base64, 17, "eyJ"],
];

/** The token forms of the common providers. */
export function tokenForms(): readonly TokenForm[] {
  return FORMS.flatMap(([bits, least, prefixes]) =>
    prefixes.split(" ").map((prefix) => ({ prefix, bits, least })),
  );
}
