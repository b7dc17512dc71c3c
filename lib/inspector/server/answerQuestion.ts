import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { formatOtlpRecording, formatRecording } from "./formatRecording.js";
import { COMMON_HEADERS, HttpProblem } from "./http.js";
import { INSPECTOR_PAGE } from "./inspectorPage.js";
import { overview } from "./overview.js";
import { searchTraces } from "./searchTraces.js";
import type { Asked, Outcome, Refusal, Service } from "./serve.js";
import type { TraceChanges } from "./TraceStore.js";

/** Maximum length of a search query; the rest is ignored. */
const MAX_SEARCH = 200;
const TRACE_ID = /^[0-9a-f]{32}$/;
/** Changes within this time are reported as one, since nobody sees more updates per second. */
const TELL_EVERY_MS = 100;
const UNBUILT = "The page is a part of the built package; run its build first.\n";

/** The response to `/api/traces`, which keeps a list of traces up to date. */
export interface Changes extends TraceChanges {
  readonly refusals: readonly Refusal[];
  /** The scheme of links to files. */
  readonly editor: string;
}

/** Answers a query about what the receiver holds. Throws an HttpProblem when it is not held or the query is invalid. */
export function answerQuestion(asked: Asked, service: Service): Outcome {
  const { route, method, traceId, spanId, query } = asked;
  const { store, counts, counter } = service;
  const parameters = new URLSearchParams(query);
  const head = method === "HEAD";
  const json = (answer: unknown): Outcome => ({ status: 200, answer });
  switch (route) {
    case "/":
      return { status: 200, send: (response, headers) => sendPage(response, headers, head) };
    case "/api/traces":
      if (method === "DELETE") store.clear();
      return json({
        ...store.changesSince(Number(parameters.get("since") ?? 0) || 0),
        refusals: counter.refusals(),
        editor: service.editor,
      } satisfies Changes);
    case "/api/traces/:id":
      return json(held(store.trace(traceId), "trace"));
    case "/api/traces/:id/rows":
      return json(held(store.rows(traceId), "trace"));
    case "/api/traces/:id/spans/:span":
      return json(held(store.span(traceId, spanId), "span"));
    case "/api/events":
      return json({ events: store.events() });
    case "/api/errors":
      return json({ errors: store.errors() });
    case "/api/overview":
      return json(overview(store));
    case "/api/search": {
      const text = (parameters.get("q") ?? "").slice(0, MAX_SEARCH);
      return json({ found: searchTraces(store, text, traceParameter(parameters)) });
    }
    case "/api/changes":
      return {
        status: 200,
        send: (response, headers) => followChanges(response, headers, service, head),
      };
    case "/api/recording":
      return recording(service, parameters, head);
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

/** A download: both pipes as lines, or only the spans as OTLP/JSON. */
function recording({ store }: Service, parameters: URLSearchParams, head: boolean): Outcome {
  const traceId = traceParameter(parameters);
  const format = parameters.get("format") ?? "ndjson";
  if (format !== "ndjson" && format !== "otlp")
    throw new HttpProblem(400, "`format` is ndjson or otlp.");
  const isOtlp = format === "otlp";
  const name = traceId === undefined ? "recording" : `trace-${traceId}`;
  const send = (response: ServerResponse, headers: OutgoingHttpHeaders): void => {
    response.writeHead(200, {
      ...COMMON_HEADERS,
      ...headers,
      "content-type": isOtlp ? "application/json" : "application/x-ndjson",
      "content-disposition": `attachment; filename="${name}.${isOtlp ? "json" : "ndjson"}"`,
    });
    const write = isOtlp ? formatOtlpRecording : formatRecording;
    Readable.from(head ? [] : write(store, traceId))
      .on("error", () => response.destroy())
      .pipe(response);
  };
  return { status: 200, send };
}

function sendPage(response: ServerResponse, headers: OutgoingHttpHeaders, head: boolean): void {
  const body = INSPECTOR_PAGE?.html ?? UNBUILT;
  response.writeHead(200, {
    ...COMMON_HEADERS,
    ...headers,
    "content-type": `text/${INSPECTOR_PAGE === undefined ? "plain" : "html"}; charset=utf-8`,
    "content-length": Buffer.byteLength(body),
    "content-security-policy": INSPECTOR_PAGE?.contentSecurityPolicy ?? "default-src 'none'",
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
  });
  response.end(head ? undefined : body);
}

/**
 * Sends the store's revision as server-sent events (HTML Standard, section 9.2), now and after each change. A client
 * that does not read gets nothing more until it does, so it takes no memory.
 */
function followChanges(
  response: ServerResponse,
  headers: OutgoingHttpHeaders,
  { store, feed, heartbeatMs }: Service,
  head: boolean,
): void {
  response.writeHead(200, { ...COMMON_HEADERS, ...headers, "content-type": "text/event-stream" });
  if (head) {
    response.end();
    return;
  }
  let sent = -1;
  let timer: NodeJS.Timeout | undefined;
  const notify = (): void => {
    timer = undefined;
    if (sent === store.revision || response.writableNeedDrain) return;
    sent = store.revision;
    response.write(`data: ${JSON.stringify({ revision: sent })}\n\n`);
  };
  const unsubscribe = feed.subscribe(() => {
    if (sent !== store.revision) timer ??= setTimeout(notify, TELL_EVERY_MS).unref();
  });
  const beat = (): unknown => response.writableNeedDrain || response.write(":\n\n");
  const heartbeat = setInterval(beat, heartbeatMs).unref();
  response.on("drain", notify);
  response.on("close", () => {
    unsubscribe();
    clearTimeout(timer);
    clearInterval(heartbeat);
  });
  notify();
}
