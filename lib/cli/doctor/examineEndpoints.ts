import { SpanStatusCode } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { randomUUID } from "node:crypto";
import type { Configuration } from "../../config/Configuration.js";
import { batchEndpoint } from "../../config/endpoints.js";
import { Agents } from "../../delivery/Agents.js";
import type { Outcome } from "../../delivery/classify.js";
import type { CourierOptions } from "../../delivery/CourierOptions.js";
import { Ledger } from "../../delivery/Ledger.js";
import type { Parcel } from "../../delivery/Parcel.js";
import { postParcels } from "../../delivery/postParcels.js";
import { createRedactor } from "../../redaction/createRedactor.js";
import { localUser } from "../../resource/identity.js";
import { eventProperties } from "../../posthog/eventProperties.js";
import { toWireEvent } from "../../posthog/toWireEvent.js";
import type { Pipe } from "../../shared/Stats.js";
import type { Findings } from "./report.js";
import { maskUrl } from "./settings.js";
import { createProvider } from "../../tracing/createProvider.js";
import { readOtlpSettings } from "../../tracing/otlpSettings.js";
import { loadOtlpExporter } from "../../tracing/loadOtlpExporter.js";
import { readPartialSuccess } from "../../tracing/readPartialSuccess.js";

/** The session of a test: it belongs to no run of the application. */
const SESSION_ID = "land-telemetry-doctor";

/** Sends one test span and one test event, each over its pipe's own way but past the spool, and says what the answers mean. */
export async function examineEndpoints(
  configuration: Configuration,
  timeoutMs: number,
  findings: Findings,
): Promise<void> {
  const { gates } = configuration;
  const span = testSpan(configuration);
  const otlp = readOtlpSettings(configuration).url;
  const posthog = batchEndpoint(configuration.posthog.host);
  const probes: Promise<Probed>[] = [];
  if (gates.otlp.on) {
    const parcel = await spanParcel(configuration, span);
    probes.push(
      probe("otlp", otlp, parcel, timeoutMs, {
        headers: configuration.otlp.headers,
        readResponse: readPartialSuccess,
      }),
    );
  }
  if (gates.posthog.on)
    probes.push(probe("posthog", posthog, eventParcel(configuration, span), timeoutMs, {}));
  for (const probed of await Promise.all(probes)) explain(probed, findings);
}

async function probe(
  pipe: Pipe,
  url: string,
  parcel: Parcel,
  timeoutMs: number,
  more: Partial<CourierOptions>,
): Promise<Probed> {
  const agents = new Agents();
  // The request itself never holds the process; this does, until there is an answer.
  const hold = setInterval(() => undefined, timeoutMs);
  const started = performance.now();
  const options: CourierOptions = {
    pipe,
    url,
    ledger: new Ledger(),
    assemble: () => parcel.body,
    contentType: parcel.contentType ?? "application/json",
    timeoutMs,
    ...more,
  };
  const outcome = await postParcels([parcel], options, agents, new AbortController().signal);
  const ms = performance.now() - started;
  clearInterval(hold);
  agents.destroy();
  return { pipe, url, outcome, ms };
}

function testSpan(configuration: Configuration): ReadableSpan {
  const provider = createProvider(
    { ...configuration, sampler: undefined },
    () => SESSION_ID,
    {},
    [],
  );
  const span = provider
    .getTracer(`land.${configuration.tier}`)
    .startSpan(`land:${configuration.tier}:doctor:check`, { root: true });
  span.setStatus({ code: SpanStatusCode.OK });
  span.end();
  return span as unknown as ReadableSpan;
}

function spanParcel(configuration: Configuration, span: ReadableSpan): Promise<Parcel> {
  return new Promise((resolve, reject) => {
    const exporter = loadOtlpExporter().createOtlpExporter({
      protocol: configuration.otlp.protocol,
      timeoutMs: readOtlpSettings(configuration).timeoutMillis,
      redactor: createRedactor(configuration.privacy, localUser()),
      send: resolve,
      onUnserialisable: () => reject(new Error("the test span could not be serialised.")),
    });
    exporter.export([span], () => undefined);
  });
}

function eventParcel(configuration: Configuration, span: ReadableSpan): Parcel {
  const { tier, app, posthog } = configuration;
  const identity = { tier, app, distinctId: posthog.distinctId };
  const event = toWireEvent(
    {
      event: `land:${tier}:doctor:check`,
      distinctId: posthog.distinctId,
      uuid: randomUUID(),
      timestamp: new Date().toISOString(),
      properties: eventProperties(identity, tier, span.spanContext(), {}),
      urgent: false,
    },
    createRedactor(configuration.privacy, localUser()),
  );
  return {
    id: randomUUID(),
    count: 1,
    urgent: false,
    body: `{"api_key":${JSON.stringify(posthog.key)},"batch":[${event ?? ""}],"sent_at":${JSON.stringify(new Date().toISOString())}}`,
  };
}

interface Probed {
  readonly pipe: Pipe;
  readonly url: string;
  readonly outcome: Outcome;
  readonly ms: number;
}

/** What an answer means, in a sentence about it and one about what to do. */
function explain({ pipe, url, outcome, ms }: Probed, findings: Findings): void {
  const place = maskUrl(url);
  if (outcome.kind === "delivered") {
    const { rejected, message } = outcome;
    if (rejected === 0)
      findings.ok(
        `${pipe}-acknowledged`,
        `${place} acknowledged a test ${pipe === "otlp" ? "span" : "event"} in ${ms.toFixed(0)} ms.`,
      );
    else
      findings.problem(
        `${pipe}-rejected`,
        `${place} took the request and refused the test span${message === undefined ? "" : `: ${message.slice(0, 200)}`}.`,
        "Look at the collector's log and its processors.",
      );
    return;
  }
  const { reason } = outcome;
  const status = reason.replace("http_", "");
  const known =
    FAILURES[reason] ??
    (/^http_5/.test(reason)
      ? `has a failure of its own (${status}) → What is sent meanwhile is spooled and tried again.`
      : reason === status
        ? `cannot be reached (${reason}) → Look at the network.`
        : `refuses the request (${status}) → Look at SETTING and at the log of ${place}.`);
  const [said = "", advice = ""] = known.split(" → ");
  findings.problem(
    `${pipe}-${reason}`,
    `${place} ${said}.`,
    pipe === "otlp"
      ? advice.replace("SETTING", "Pipe")
      : (POSTHOG_ADVICE[reason] ?? advice.replace("SETTING", "Beam")),
  );
}

/** By reason, what is so and what to do about it. SETTING stands for the variable that holds the endpoint. */
const FAILURES: Readonly<Record<string, string>> = {
  refused:
    "refuses the connection: nothing listens there → Start a collector, or `npx land-telemetry inspect`, or set SETTING to where one is.",
  unknown_host:
    "has a host name that cannot be resolved → Look at SETTING and at the network's DNS.",
  timeout:
    "does not answer in time → It hangs, or something between drops what is sent: a firewall, a proxy, a VPN.",
  reset:
    "closes the connection without an answer → Something that is not HTTP may listen there, or a proxy cuts it off.",
  tls: "cannot be reached over TLS: its certificate or protocol is not accepted → Set NODE_EXTRA_CA_CERTS to the certificate of the authority, or use http:// where it speaks no TLS.",
  garbage:
    "answers with something that is no acknowledgement, such as the page of a captive portal → Look at SETTING; open the address in a browser.",
  redirect:
    "redirects to somewhere else, which is not followed → Set SETTING to the final address.",
  invalid_request: "cannot be asked: the URL or a header is unusable → Look at the settings above.",
  invalid_url: "is no URL → Set SETTING to one that begins with http:// or https://.",
  http_401: "does not accept the credentials (401) → Look at OTEL_EXPORTER_OTLP_HEADERS.",
  http_403:
    "does not let the sender in (403) → Look at OTEL_EXPORTER_OTLP_HEADERS and at what stands before the collector.",
  http_404: "has nothing at this path (404) → Set SETTING to the base that /v1/traces is under.",
  http_405:
    "does not take POST at this path (405) → Something else may listen there; look at SETTING.",
  http_413:
    "finds even one test item too large (413) → A proxy before it limits bodies far too tightly.",
  http_415:
    "does not take this encoding (415) → Set OTEL_EXPORTER_OTLP_PROTOCOL to the other of http/json and http/protobuf.",
  http_429:
    "takes no more at the moment (429) → What is sent meanwhile is spooled. Raise the limit or send less.",
};
/** Where the advice for PostHog is another one. */
const POSTHOG_ADVICE: Readonly<Record<string, string>> = {
  refused: "Set Beam to where PostHog is.",
  http_401: "Look at Authorize: it is the project's key, and belongs to this host's region.",
  http_403: "Look at Authorize and at what stands before PostHog.",
  http_404: "Set Beam to the base that /batch/ is under.",
};
