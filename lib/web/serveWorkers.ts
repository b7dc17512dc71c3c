import type { Attributes } from "@opentelemetry/api";
import { context as contextApi, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import type { Resource } from "@opentelemetry/resources";
import { resourceFromAttributes } from "@opentelemetry/resources";
import type { ReadableSpan, Span, SpanProcessor } from "@opentelemetry/sdk-trace-base";
import type { ExplainedFailure } from "../failures/explainFailure.js";
import { formatMark } from "../failures/mark.js";
import { EventCapture } from "../posthog/EventCapture.js";
import { MirrorSpanProcessor } from "../posthog/MirrorSpanProcessor.js";
import type { EventContext } from "../posthog/PostHogEvent.js";
import { newId } from "../resource/identity.js";
import { ATTR_LAND_TIER, ATTR_SESSION_ID } from "../resource/semanticConventions.js";
import { isTier, Tier } from "../resource/Tier.js";
import { attempt } from "../shared/attempt.js";
import { globalState } from "../shared/globalState.js";
import { isObject } from "../shared/isObject.js";
import type { Pipe } from "../shared/Stats.js";
import type { Switches } from "./readPage.js";
import { gatesOf } from "./readPage.js";
import type { PageMessage, PlainSpan, WorkerItem, WorkerMessage } from "./workerMessages.js";
import { CHANNEL, EVERYBODY } from "./workerMessages.js";

/** The lock of the one window that sends for the workers of its origin. */
const LOCK = "land-telemetry:workers";
/** Maximum number of workers known at a time; a service worker that restarts counts as a new one. */
const MAX_WORKERS = 100;

/** What a page uses to send for its workers. */
export interface WorkerService {
  readonly sessionId: string;
  /** Undefined if the event pipe is off. */
  readonly events: EventContext | undefined;
  /** Undefined if the span pipe is off. */
  readonly otlp: SpanProcessor | undefined;
}

/** Pages hear each other's messages too, so `to` may be anything. */
type ToSomebody = Omit<WorkerMessage, "to"> & { readonly to: string };

/** What a page keeps for one worker. */
interface Served {
  readonly resource: Resource;
  /** The pipes that the worker has opted out of. */
  readonly off: readonly Pipe[];
  readonly capture: EventCapture | undefined;
  readonly processors: readonly SpanProcessor[];
}

/**
 * Sends what the workers of this origin hand over. Only the window that has the lock does so; when it ends, the next
 * one gets the lock. Without Web Locks no window does, because two would send the same. Returns a function to stop it.
 */
export function serveWorkers(service: WorkerService): () => void {
  let stop: (() => void) | undefined;
  const stopped = new Promise<void>((resolve) => (stop = resolve));
  const lock = attempt(() =>
    navigator.locks.request(LOCK, async () => {
      const close = listen(service);
      await stopped;
      close();
    }),
  );
  void lock?.catch(() => undefined);
  return () => stop?.();
}

function listen(service: WorkerService): () => void {
  const page = newId();
  const { sessionId } = service;
  const known = new Map<string, Served>();
  const channel = new BroadcastChannel(CHANNEL);
  const off = (["posthog", "otlp"] as const).filter(
    (pipe) => (pipe === "otlp" ? service.otlp : service.events) === undefined,
  );
  const say = (to: string, taken: readonly string[], isOff = off): void => {
    const message: PageMessage = { to, page, sessionId, off: isOff, taken };
    channel.postMessage(message);
  };
  channel.onmessage = ({ data }: MessageEvent) =>
    attempt(() => {
      const { to, page: addressed, worker, resource, settings, items } = data as ToSomebody;
      if (to !== "page") return;
      // What was sent to the page before this one comes again once the worker has heard of this one.
      const own = addressed === page ? items : [];
      let served = known.get(worker);
      if (served === undefined) {
        const [oldest] = known.keys();
        if (known.size >= MAX_WORKERS && oldest !== undefined) known.delete(oldest);
        known.set(worker, (served = serve(service, resource, settings)));
      }
      for (const item of own) attempt(() => take(served, item));
      say(
        worker,
        own.map(({ id }) => id),
        [...off, ...served.off],
      );
    });
  say(EVERYBODY, []);
  return () => channel.close();
}

function serve(
  { sessionId, events, otlp }: WorkerService,
  attributes: Attributes,
  settings: Switches,
): Served {
  const gates = gatesOf(settings);
  const off = (["posthog", "otlp"] as const).filter((pipe) => gates[pipe].optedOut);
  const named = attributes[ATTR_LAND_TIER];
  const tier = isTier(named) ? named : Tier.Worker;
  const context = off.includes("posthog")
    ? undefined
    : events && { ...events, configuration: { ...events.configuration, tier } };
  const mirror = context && new MirrorSpanProcessor(context);
  return {
    off,
    // The session is the page's; the worker may not know it yet.
    resource: resourceFromAttributes({ ...attributes, [ATTR_SESSION_ID]: sessionId }),
    capture: context && new EventCapture(context),
    processors: [mirror, off.includes("otlp") ? undefined : otlp].filter(
      (processor) => processor !== undefined,
    ),
  };
}

function take({ resource, capture, processors }: Served, item: WorkerItem): void {
  if (item.kind === "span") {
    const span = readableSpan(item.span, resource);
    const { spanMarks, spanFailures } = globalState();
    const { traceId, spanId } = span.spanContext();
    // The worker, which has the Error itself, has decided whether the failure is an event.
    if (!item.isCounted) spanMarks.set(span, formatMark(traceId, spanId));
    if (item.failure !== undefined) spanFailures.set(span, errorOf(item.failure));
    for (const processor of processors) processor.onEnding?.(span as Span);
    for (const processor of processors) processor.onEnd(span);
    return;
  }
  const { kind, id: uuid, name, properties, failure, origin, active, timestamp } = item;
  const context = active ? trace.setSpanContext(ROOT_CONTEXT, active) : ROOT_CONTEXT;
  contextApi.with(context, () => {
    if (kind === "event") capture?.event(name, properties, { uuid, timestamp });
    else capture?.error(name, failure && errorOf(failure), properties, origin, { uuid, timestamp });
  });
}

/** A readable span to which the mirror can still add attributes. */
function readableSpan(span: PlainSpan, resource: Resource): ReadableSpan {
  const { context, parent, ...rest } = span;
  const attributes = { ...rest.attributes };
  const readable = {
    ...rest,
    attributes,
    links: [...rest.links],
    ended: true,
    resource,
    spanContext: () => context,
    ...(parent && { parentSpanContext: parent }),
    setAttribute: (key: string, value: string) => (attributes[key] = value),
  };
  return readable;
}

/** Rebuilds the worker's error. A string stays a string; other values that were not errors get no stack. */
function errorOf(failure: ExplainedFailure): unknown {
  const { type, message, stack, isError, cause, members } = failure;
  if (!isError && type === "string") return message;
  const inner = members.map(errorOf);
  const error = inner.length > 0 ? new AggregateError(inner, message) : new Error(message);
  Object.defineProperty(error, "name", { value: type });
  error.stack = stack === undefined ? "" : `${type}: ${message}\n${stack}`;
  if (isObject(cause)) error.cause = errorOf(cause);
  return error;
}
