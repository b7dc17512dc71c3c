import { SpanStatusCode } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { AlwaysOnSampler, BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import { randomUUID } from "node:crypto";
import type { Configuration } from "../../config/Configuration.js";
import { batchEndpoint } from "../../config/endpoints.js";
import { agentFactory } from "../../delivery/agentFactory.js";
import type { DeliveryRecord } from "../../delivery/DeliveryRecord.js";
import { JSON_TYPE } from "../../delivery/DeliveryRecord.js";
import type { Outcome } from "../../delivery/classifyReply.js";
import { classifyReply } from "../../delivery/classifyReply.js";
import type { HttpTransportSettings } from "../../delivery/HttpTransport.js";
import { HttpTransport } from "../../delivery/HttpTransport.js";
import type { RequestFormat } from "../../delivery/RequestFormat.js";
import { eventProperties, serializeEvent } from "../../posthog/PostHogEvent.js";
import { batchFormat } from "../../posthog/PostHogPipe.js";
import { createRedactor } from "../../redaction/createRedactor.js";
import { redactSpan } from "../../redaction/redactSpan.js";
import { USER_AGENT } from "../../resource/packageVersion.js";
import { localUser } from "../../resource/identity.js";
import { tierResource } from "../../resource/tierResource.js";
import type { Pipe } from "../../shared/Stats.js";
import { OTLP_CONTENT_TYPES, otlpFormat, OTLP_SERIALIZERS } from "../../tracing/otlpFormat.js";
import { readOtlpSettings } from "../../tracing/otlpSettings.js";
import type { Findings } from "./report.js";
import { maskUrl } from "./settings.js";

/** How many characters of a redirect's URL are shown; those of login pages are long. */
const MAX_TARGET = 200;
/** How many characters of the endpoint's own message are shown. */
const MAX_MESSAGE = 200;
/** The session id of the test, which belongs to no run of the application. */
const SESSION_ID = "land-telemetry-doctor";

/** Sends a test span and a test event as their pipes would, bypassing the spool, and reports what the replies mean. */
export async function examineEndpoints(
  configuration: Configuration,
  timeoutMs: number,
  findings: Findings,
): Promise<void> {
  const { gates, otlp, posthog, privacy, tier } = configuration;
  const redactor = createRedactor(privacy, localUser());
  const span = testSpan(configuration);
  const record = { id: randomUUID(), count: 1, urgent: false };
  const probes: Promise<Probed>[] = [];
  if (gates.otlp.on) {
    const copies = [redactSpan(redactor, span)];
    const body = OTLP_SERIALIZERS[otlp.protocol].serializeRequest(copies) ?? "";
    const contentType = OTLP_CONTENT_TYPES[otlp.protocol];
    const settings = { ...readOtlpSettings(configuration), timeoutMillis: timeoutMs };
    probes.push(send("otlp", settings, otlpFormat, { ...record, body, contentType }));
  }
  if (gates.posthog.on) {
    const event = {
      event: span.name,
      distinctId: posthog.distinctId,
      uuid: record.id,
      timestamp: new Date().toISOString(),
      properties: eventProperties(
        { configuration, sessionId: SESSION_ID },
        tier,
        span.spanContext(),
        {},
      ),
      urgent: false,
    };
    const body = serializeEvent(event, redactor) ?? "";
    const settings = {
      url: batchEndpoint(posthog.host),
      headers: () => ({}),
      timeoutMillis: timeoutMs,
      compression: "none",
      agentFactory: agentFactory(),
      userAgent: USER_AGENT,
    } as const;
    probes.push(send("posthog", settings, batchFormat(posthog.key), { ...record, body }));
  }
  for (const probed of await Promise.all(probes)) explain(probed, findings);
}

function testSpan({ tier, app, serviceName, resourceAttributes }: Configuration): ReadableSpan {
  const provider = new BasicTracerProvider({
    sampler: new AlwaysOnSampler(),
    resource: tierResource({
      tier,
      serviceName,
      version: app.version,
      sessionId: SESSION_ID,
      attributes: resourceAttributes,
    }),
  });
  const name = `land:${tier}:doctor:check`;
  const span = provider.getTracer(`land.${tier}`).startSpan(name);
  span.setStatus({ code: SpanStatusCode.OK });
  span.end();
  return span as unknown as ReadableSpan;
}

interface Probed {
  readonly pipe: Pipe;
  readonly url: string;
  readonly outcome: Outcome;
  /** Where a redirect points. */
  readonly target: string | undefined;
  readonly ms: number;
}

async function send(
  pipe: Pipe,
  settings: HttpTransportSettings,
  format: RequestFormat,
  record: DeliveryRecord,
): Promise<Probed> {
  const transport = new HttpTransport(settings);
  // The request does not keep the process alive; this timer does, until there is a reply.
  const hold = setInterval(() => undefined, settings.timeoutMillis);
  const started = performance.now();
  const result = await transport.post(format.join([record]), record.contentType ?? JSON_TYPE);
  const ms = performance.now() - started;
  clearInterval(hold);
  transport.close();
  const location = "reply" in result ? result.reply.headers.location : undefined;
  return {
    pipe,
    url: settings.url,
    outcome: classifyReply(result, format),
    target: location === undefined ? undefined : targetOf(location, settings.url),
    ms,
  };
}

/** The absolute URL of a redirect, without secrets. */
function targetOf(location: string, base: string): string {
  return URL.canParse(location, base)
    ? maskUrl(new URL(location, base).href).slice(0, MAX_TARGET)
    : "something that is no URL";
}

/** Reports what a reply means, in one sentence, and what to do, in another. */
function explain({ pipe, url, outcome, target, ms }: Probed, findings: Findings): void {
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
        `${place} took the request and refused the test span${message === undefined ? "" : `: ${message.slice(0, MAX_MESSAGE)}`}.`,
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
  const [said = "", advice = ""] = known
    .replaceAll("TARGET", target ?? "somewhere else")
    .split(" → ");
  findings.problem(
    `${pipe}-${reason}`,
    `${place} ${said}.`,
    pipe === "otlp"
      ? advice.replace("SETTING", "Pipe")
      : (POSTHOG_ADVICE[reason] ?? advice.replace("SETTING", "Beam")),
  );
}

/** What is wrong → what to do, by reason. SETTING stands for the endpoint's variable, TARGET for a redirect's URL. */
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
  unknown:
    "answers, and not in words that say whether it took anything → Look at SETTING: something else may listen there.",
  redirect:
    "redirects to TARGET, which is not followed → Set SETTING to the final address, without /v1/traces or /batch/ at its end.",
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
/** The advice that differs for PostHog. */
const POSTHOG_ADVICE: Readonly<Record<string, string>> = {
  refused: "Start `npx land-telemetry inspect`, or set Beam to where PostHog is.",
  http_401: "Look at Authorize: it is the project's key, and belongs to this host's region.",
  http_403: "Look at Authorize and at what stands before PostHog.",
  http_404: "Set Beam to the base that /batch/ is under.",
};
