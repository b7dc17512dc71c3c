import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { HttpProblem } from "./HttpProblem.js";
import { traceRows } from "./TraceRows.js";
import { followChanges } from "./followChanges.js";
import type { FoundRoute } from "./findRoute.js";
import { formatOtlpRecording } from "./formatOtlpRecording.js";
import { formatRecording } from "./formatRecording.js";
import { overview } from "./overview.js";
import { COMMON_HEADERS } from "./reply.js";
import { searchTraces } from "./searchTraces.js";
import { sendPage } from "./sendPage.js";
import type { Service } from "./Service.js";

/** What a request is answered with: JSON, or whatever `send` writes. */
export interface Outcome {
  readonly status: number;
  readonly answer: unknown;
  readonly parsed?: unknown;
  readonly headers?: OutgoingHttpHeaders;
  readonly send?: (response: ServerResponse, headers: OutgoingHttpHeaders) => void;
}

interface Question extends FoundRoute {
  readonly method: string;
  readonly parameters: URLSearchParams;
}

/** Longer texts are not searched for. */
const MAX_SEARCH = 200;
const TRACE_ID = /^[0-9a-f]{32}$/;

/** Answers what is asked of what the receiver holds. Throws an HttpProblem when it is not there. */
export function answerQuestion(question: Question, service: Service): Outcome {
  const { route, method, traceId, spanId, parameters } = question;
  const { store, feed, counts, heartbeatMs } = service;
  const json = (answer: unknown): Outcome => ({ status: 200, answer });
  const head = method === "HEAD";
  switch (route) {
    case "/":
      return {
        status: 200,
        answer: undefined,
        send: (response, headers) => sendPage(response, headers, head),
      };
    case "/api/traces":
      if (method === "DELETE") store.clear();
      return json(store.changesSince(Number(parameters.get("since") ?? 0) || 0));
    case "/api/traces/:id":
      return json(held(store.trace(traceId), "trace"));
    case "/api/traces/:id/rows":
      return json(traceRows(held(store.trace(traceId), "trace")));
    case "/api/traces/:id/spans/:span":
      return json(held(store.span(traceId, spanId), "span"));
    case "/api/events":
      return json({ events: store.events() });
    case "/api/overview":
      return json(overview(store));
    case "/api/search":
      return json({
        found: searchTraces(
          store,
          (parameters.get("q") ?? "").slice(0, MAX_SEARCH),
          traceParameter(parameters),
        ),
      });
    case "/api/changes":
      return {
        status: 200,
        answer: undefined,
        send: (response, headers) =>
          followChanges(response, headers, { store, feed, heartbeatMs, head }),
      };
    case "/api/recording":
      return recording(store, parameters, head);
    default:
      return json(counts());
  }
}

function held<T>(found: T | undefined, what: string): T {
  if (found === undefined) throw new HttpProblem(404, `No such ${what} is held.`);
  return found;
}

function traceParameter(parameters: URLSearchParams): string | undefined {
  const traceId = parameters.get("trace")?.toLowerCase();
  if (traceId !== undefined && !TRACE_ID.test(traceId))
    throw new HttpProblem(400, "`trace` is not the id of a trace.");
  return traceId;
}

/** Both pipes in lines, or the spans alone as OTLP/JSON. */
function recording(store: Service["store"], parameters: URLSearchParams, head: boolean): Outcome {
  const traceId = traceParameter(parameters);
  const format = parameters.get("format") ?? "ndjson";
  const formats: Readonly<
    Record<string, () => readonly [type: string, ending: string, pieces: Iterable<string>]>
  > = {
    ndjson: () => ["application/x-ndjson", "ndjson", formatRecording(store, traceId)],
    otlp: () => ["application/json", "json", formatOtlpRecording(store, traceId)],
  };
  const make = Object.hasOwn(formats, format) ? formats[format] : undefined;
  if (make === undefined) throw new HttpProblem(400, "`format` is ndjson or otlp.");
  const [type, ending, pieces] = make();
  const name = traceId === undefined ? "recording" : `trace-${traceId}`;
  const send = (response: ServerResponse, headers: OutgoingHttpHeaders): void => {
    response.writeHead(200, {
      ...COMMON_HEADERS,
      ...headers,
      "content-type": type,
      "content-disposition": `attachment; filename="${name}.${ending}"`,
    });
    Readable.from(head ? [] : pieces)
      .on("error", () => response.destroy())
      .pipe(response);
  };
  return { status: 200, answer: undefined, send };
}
