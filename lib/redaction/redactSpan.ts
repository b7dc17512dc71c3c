import type { Link, SpanContext } from "@opentelemetry/api";
import type { ReadableSpan, TimedEvent } from "@opentelemetry/sdk-trace-base";
import type { Redactor } from "./Redactor.js";
import { redactContext } from "./redactContext.js";

/**
 * A copy of a finished span without what must not leave; the same span when there is nothing to take out. The
 * span itself stays as it is, so that other processors see the original.
 */
export function redactSpan(redactor: Redactor, span: ReadableSpan): ReadableSpan {
  const name = redactor.text(span.name);
  const attributes = redactor.attributes(span.attributes);
  const message =
    span.status.message === undefined ? undefined : redactor.text(span.status.message);
  const events = mapChanged(span.events, (event) => redactEvent(redactor, event));
  const links = mapChanged(span.links, (link) => redactLink(redactor, link));
  const resource = redactor.resource(span.resource);
  const instrumentationScope = redactor.scope(span.instrumentationScope);
  const context = span.spanContext();
  const redactedContext = redactContext(redactor, context);
  const parentSpanContext =
    span.parentSpanContext && redactContext(redactor, span.parentSpanContext);
  if (
    name === span.name &&
    attributes === span.attributes &&
    message === span.status.message &&
    events === span.events &&
    links === span.links &&
    resource === span.resource &&
    instrumentationScope === span.instrumentationScope &&
    redactedContext === context &&
    parentSpanContext === span.parentSpanContext
  ) {
    return span;
  }
  return {
    name,
    kind: span.kind,
    spanContext: (): SpanContext => redactedContext,
    ...(parentSpanContext === undefined ? {} : { parentSpanContext }),
    startTime: span.startTime,
    endTime: span.endTime,
    status: message === undefined ? span.status : { code: span.status.code, message },
    attributes,
    links: links as Link[],
    events: events as TimedEvent[],
    duration: span.duration,
    ended: span.ended,
    resource,
    instrumentationScope,
    droppedAttributesCount: span.droppedAttributesCount,
    droppedEventsCount: span.droppedEventsCount,
    droppedLinksCount: span.droppedLinksCount,
  };
}

function redactEvent(redactor: Redactor, event: TimedEvent): TimedEvent {
  const name = redactor.text(event.name);
  const attributes = event.attributes && redactor.attributes(event.attributes);
  if (name === event.name && attributes === event.attributes) return event;
  return { ...event, name, ...(attributes === undefined ? {} : { attributes }) };
}

function redactLink(redactor: Redactor, link: Link): Link {
  const context = redactContext(redactor, link.context);
  const attributes = link.attributes && redactor.attributes(link.attributes);
  if (context === link.context && attributes === link.attributes) return link;
  return { ...link, context, ...(attributes === undefined ? {} : { attributes }) };
}

/** The list itself when no item changed, as for nearly every span. */
function mapChanged<T>(items: readonly T[], change: (item: T) => T): readonly T[] {
  let copy: T[] | undefined;
  for (let index = 0; index < items.length; index++) {
    const item = items[index] as T;
    const changed = change(item);
    if (changed === item) continue;
    copy ??= items.slice();
    copy[index] = changed;
  }
  return copy ?? items;
}
