import type { Attributes, SpanContext } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import type { ErrorOrigin } from "../config/TelemetryOptions.js";
import type { ExplainedFailure } from "../failures/explainFailure.js";
import type { EventProperties } from "../shared/Runtime.js";
import type { Switches } from "./readPage.js";
import type { Pipe } from "../shared/Stats.js";

/** The channel between workers and the page that sends for them. A BroadcastChannel reaches only this origin. */
export const CHANNEL = "land-telemetry";

export type PlainContext = Pick<SpanContext, "traceId" | "spanId" | "traceFlags" | "isRemote">;

/** A span in a form that a message can hold. */
export type PlainSpan = Omit<
  ReadableSpan,
  "spanContext" | "parentSpanContext" | "resource" | "links" | "ended"
> & {
  readonly context: PlainContext;
  readonly parent: PlainContext | undefined;
  readonly links: readonly { context: PlainContext; attributes?: Attributes }[];
};

/** What a worker hands over, unredacted: redaction is left to the page. */
export type WorkerItem = { readonly id: string } & (
  | {
      readonly kind: "span";
      readonly span: PlainSpan;
      /** What the span failed with, if that is known and this span is the one that counts it. */
      readonly failure: ExplainedFailure | undefined;
      readonly isCounted: boolean;
    }
  | {
      readonly kind: "event" | "error";
      /** The event's name, or the error's tag. */
      readonly name: string;
      readonly properties: EventProperties | undefined;
      readonly failure: ExplainedFailure | undefined;
      readonly origin: ErrorOrigin;
      readonly active: PlainContext | undefined;
      /** When it was captured, in ISO 8601. */
      readonly timestamp: string;
    }
);

/** From a worker to the page that sends. Without items it asks whether there is such a page. */
export interface WorkerMessage {
  readonly to: "page";
  /** The page that the worker sends to; one that has taken over ignores the items, and gets them when it is known. */
  readonly page: string | undefined;
  readonly worker: string;
  readonly resource: Attributes;
  /** The worker's own settings, which the page respects if they are an explicit off. */
  readonly settings: Switches;
  readonly items: readonly WorkerItem[];
}

/** From the page that sends, to one worker or to all of them. */
export interface PageMessage {
  readonly to: string;
  /** The id of the page. If it changes, another page has taken over, which lacks everything not acknowledged. */
  readonly page: string;
  readonly sessionId: string;
  /** The pipes that are off. */
  readonly off: readonly Pipe[];
  /** The ids of the items that the page has taken. */
  readonly taken: readonly string[];
}

/** As `to`, addresses all workers. */
export const EVERYBODY = "workers";
