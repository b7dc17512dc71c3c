import type { Outcome } from "../../delivery/classify.js";
import type { Pipe } from "../../shared/Stats.js";
import type { Finding } from "./report.js";
import { maskUrl } from "./settings.js";

type Told = readonly [sentence: string, advice: string];

/** What an answer means, in a sentence about it and one about what to do. */
export function explainOutcome(pipe: Pipe, url: string, outcome: Outcome, ms: number): Finding {
  const place = maskUrl(url);
  if (outcome.kind === "delivered" && outcome.rejected === 0) {
    const what = pipe === "otlp" ? "span" : "event";
    return {
      code: `${pipe}-acknowledged`,
      level: "ok",
      about: pipe,
      sentence: `${place} acknowledged a test ${what} in ${ms.toFixed(0)} ms.`,
    };
  }
  const reason = outcome.kind === "delivered" ? "rejected" : outcome.reason;
  const [said, advice] =
    outcome.kind === "delivered" ? rejected(outcome.message) : tell(pipe, reason, place);
  return {
    code: `${pipe}-${reason}`,
    level: "problem",
    about: pipe,
    sentence: `${place} ${said}.`,
    advice,
  };
}

function rejected(message: string | undefined): Told {
  return [
    `took the request and refused the test span${message === undefined ? "" : `: ${message.slice(0, 200)}`}`,
    "Look at the collector's log and its processors.",
  ];
}

function tell(pipe: Pipe, reason: string, place: string): Told {
  const setting = pipe === "otlp" ? "Pipe" : "Beam";
  const otlp = pipe === "otlp";
  const known: Readonly<Record<string, Told>> = {
    refused: [
      "refuses the connection: nothing listens there",
      otlp
        ? `Start a collector, or \`npx land-telemetry inspect\`, or set ${setting} to where one is.`
        : `Set ${setting} to where PostHog is.`,
    ],
    unknown_host: [
      "has a host name that cannot be resolved",
      `Look at ${setting} and at the network's DNS.`,
    ],
    timeout: [
      "does not answer in time",
      "It hangs, or something between drops what is sent: a firewall, a proxy, a VPN.",
    ],
    reset: [
      "closes the connection without an answer",
      "Something that is not HTTP may listen there, or a proxy cuts it off.",
    ],
    tls: [
      "cannot be reached over TLS: its certificate or protocol is not accepted",
      "Set NODE_EXTRA_CA_CERTS to the certificate of the authority, or use http:// where it speaks no TLS.",
    ],
    garbage: [
      "answers with something that is no acknowledgement, such as the page of a captive portal",
      `Look at ${setting}; open the address in a browser.`,
    ],
    redirect: [
      "redirects to somewhere else, which is not followed",
      `Set ${setting} to the final address.`,
    ],
    invalid_request: [
      "cannot be asked: the URL or a header is unusable",
      "Look at the settings above.",
    ],
    invalid_url: ["is no URL", `Set ${setting} to one that begins with http:// or https://.`],
    http_401: [
      "does not accept the credentials (401)",
      otlp
        ? "Look at OTEL_EXPORTER_OTLP_HEADERS."
        : "Look at Authorize: it is the project's key, and belongs to this host's region.",
    ],
    http_403: [
      "does not let the sender in (403)",
      otlp
        ? "Look at OTEL_EXPORTER_OTLP_HEADERS and at what stands before the collector."
        : "Look at Authorize and at what stands before PostHog.",
    ],
    http_404: [
      "has nothing at this path (404)",
      otlp
        ? "Set Pipe to the base that /v1/traces is under."
        : "Set Beam to the base that /batch/ is under.",
    ],
    http_405: [
      "does not take POST at this path (405)",
      `Something else may listen there; look at ${setting}.`,
    ],
    http_413: [
      "finds even one test item too large (413)",
      "A proxy before it limits bodies far too tightly.",
    ],
    http_415: [
      "does not take this encoding (415)",
      "Set OTEL_EXPORTER_OTLP_PROTOCOL to the other of http/json and http/protobuf.",
    ],
    http_429: [
      "takes no more at the moment (429)",
      "What is sent meanwhile is spooled. Raise the limit or send less.",
    ],
  };
  const direct = known[reason];
  if (direct !== undefined) return direct;
  if (/^http_5\d\d$/.test(reason))
    return [
      `has a failure of its own (${reason.slice("http_".length)})`,
      "What is sent meanwhile is spooled and tried again.",
    ];
  if (reason.startsWith("http_"))
    return [
      `refuses the request (${reason.slice("http_".length)})`,
      `Look at ${setting} and at the log of ${place}.`,
    ];
  return [`cannot be reached (${reason})`, "Look at the network."];
}
