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
import { createProvider } from "../../tracing/createProvider.js";
import { readOtlpSettings } from "../../tracing/otlpSettings.js";
import { loadOtlpExporter } from "../../tracing/loadOtlpExporter.js";
import { readPartialSuccess } from "../../tracing/readPartialSuccess.js";

export interface Probed {
  readonly pipe: Pipe;
  readonly url: string;
  readonly outcome: Outcome;
  readonly ms: number;
}

/** The session of a test: it belongs to no run of the application. */
const SESSION_ID = "land-telemetry-doctor";

/** Sends one test span and one test event, each over its pipe's own way but past the spool, and times the answers. */
export async function sendProbes(
  configuration: Configuration,
  timeoutMs: number,
): Promise<readonly Probed[]> {
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
  return Promise.all(probes);
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
