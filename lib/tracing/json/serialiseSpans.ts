import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import type { Redactor } from "../../redaction/Redactor.js";
import { Batch } from "./Batch.js";
import type { ScopeGroup } from "./groupSpans.js";
import { groupSpans } from "./groupSpans.js";
import { JsonAttributes } from "./JsonAttributes.js";
import { JsonBytes } from "./JsonBytes.js";
import { writeSpan } from "./writeSpan.js";

const COMMA = 44;
const bytesOf = (text: string): Uint8Array => Buffer.from(text);

const REQUEST = bytesOf('{"resourceSpans":[');
const RESOURCE = bytesOf('{"resource":{"attributes":[');
const RESOURCE_END = bytesOf('],"droppedAttributesCount":0');
const SCOPES = bytesOf('},"scopeSpans":[');
const SCOPE = bytesOf('{"scope":{"name":');
const VERSION = bytesOf(',"version":');
const SCOPE_ATTRIBUTES = bytesOf(',"attributes":[');
const DROPPED_ATTRIBUTES = bytesOf('],"droppedAttributesCount":');
const SPANS = bytesOf('},"spans":[');
const SCHEMA_URL = bytesOf(',"schemaUrl":');
const LIST_END = 93;
const END = 125;

/** Bytes of a span before a batch has shown it, and of what stands around the spans. */
const FIRST_GUESS = 1_024;
const AROUND = 2_048;
/** Larger spans are rare: one of a megabyte must not make room for 512 such in the batch after it. */
const LARGEST_GUESS = 4_096;

/** Newer SDK lines give scopes attributes. */
type Scope = ReadableSpan["instrumentationScope"] & {
  readonly attributes?: object;
  readonly droppedAttributesCount?: number;
};

const attributes = new JsonAttributes();
let bytesPerSpan = FIRST_GUESS;

/**
 * Spans as a redacted OTLP/JSON request, byte for byte what the official `JsonTraceSerializer` writes of redacted
 * copies (a specification compares the two), in a third of the time: no copy, no object for each part and no string
 * of the whole is made first.
 */
export function serialiseSpans(spans: readonly ReadableSpan[], redactor: Redactor): Uint8Array {
  const out = new JsonBytes(AROUND + spans.length * bytesPerSpan);
  const batch = new Batch(redactor);
  out.raw(REQUEST);
  let isFirst = true;
  for (const [resource, scopes] of groupSpans(spans, redactor)) {
    if (!isFirst) out.sign(COMMA);
    isFirst = false;
    writeResource(out, redactor.resource(resource), scopes.values(), batch);
  }
  out.sign(LIST_END);
  out.sign(END);
  const bytes = out.finish();
  // A tenth more, so that the next batch of this kind fits without being copied.
  if (spans.length > 0)
    bytesPerSpan = Math.min(Math.ceil((bytes.length * 1.1) / spans.length), LARGEST_GUESS);
  return bytes;
}

function writeResource(
  out: JsonBytes,
  resource: ReadableSpan["resource"],
  scopes: Iterable<ScopeGroup>,
  batch: Batch,
): void {
  const schemaUrl = resource.schemaUrl || undefined;
  out.raw(RESOURCE);
  attributes.write(out, resource.attributes);
  out.raw(RESOURCE_END);
  out.member(SCHEMA_URL, schemaUrl);
  out.raw(SCOPES);
  let isFirst = true;
  for (const group of scopes) {
    if (!isFirst) out.sign(COMMA);
    isFirst = false;
    writeScope(out, group, batch);
  }
  out.sign(LIST_END);
  out.member(SCHEMA_URL, schemaUrl);
  out.sign(END);
}

function writeScope(out: JsonBytes, { spans, ...group }: ScopeGroup, batch: Batch): void {
  const scope = group.scope as Scope;
  out.raw(SCOPE);
  out.string(scope.name);
  out.member(VERSION, scope.version);
  if (scope.attributes !== undefined && Object.keys(scope.attributes).length > 0) {
    out.raw(SCOPE_ATTRIBUTES);
    attributes.write(out, scope.attributes);
    out.raw(DROPPED_ATTRIBUTES);
    out.number(scope.droppedAttributesCount ?? 0);
  }
  out.raw(SPANS);
  for (let index = 0; index < spans.length; index++) {
    if (index > 0) out.sign(COMMA);
    writeSpan(out, spans[index] as ReadableSpan, attributes, batch);
  }
  out.sign(LIST_END);
  out.member(SCHEMA_URL, scope.schemaUrl);
  out.sign(END);
}
