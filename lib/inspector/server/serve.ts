import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { ChangeFeed } from "./ChangeFeed.js";
import type { InspectorCounts, RequestCount, SeenRequest } from "./startInspector.js";
import type { TraceStore } from "./TraceStore.js";
import { answerQuestion } from "./answerQuestion.js";
import type { BodyBudget } from "./http.js";
import { corsHeaders, HttpProblem, readBody, reply } from "./http.js";
import type { OtlpProtobuf } from "./OtlpProtobuf.js";
import { allowToken, answerModelContext } from "./modelContext.js";
import { receiveBatch } from "./receiveBatch.js";
import { receiveLogs } from "./receiveLogs.js";
import { otlpEncoding, receiveTraces } from "./receiveTraces.js";
import type { AccessRules } from "./requestGuards.js";
import { allowHost, allowOrigin, allowReader, allowSite } from "./requestGuards.js";

/** Everything that a request handler needs. */
export interface Service extends AccessRules {
  readonly store: TraceStore;
  readonly feed: ChangeFeed;
  readonly counter: RequestCounter;
  readonly protobuf: OtlpProtobuf;
  readonly budget: BodyBudget;
  /** The scheme of links to files. */
  readonly editor: string;
  /** The bearer token that an agent must send; empty when `/mcp` is not served. */
  readonly agentToken: string;
  /** Interval between heartbeats on an open stream of changes, in ms, because silent connections are closed. */
  readonly heartbeatMs: number;
  readonly onRequest: ((request: SeenRequest) => void) | undefined;
  readonly counts: () => InspectorCounts;
}

/** Requests that an intake refused, with the reason for the latest one with this route and status. */
export interface Refusal extends RequestCount {
  readonly reason: string;
}

/** Counts responses by route and status. Bounded, since both come from short lists. */
export class RequestCounter {
  total = 0;
  readonly #reasons = new Map<string, string>();
  readonly #counts = new Map<string, RequestCount>();

  add(route: string, status: number, reason = ""): void {
    const key = `${route} ${status}`;
    if (reason !== "") this.#reasons.set(key, reason);
    this.total++;
    this.#counts.set(key, { route, status, count: (this.#counts.get(key)?.count ?? 0) + 1 });
  }

  list(): readonly RequestCount[] {
    return [...this.#counts.values()];
  }

  refusals(): readonly Refusal[] {
    return [...this.#reasons].flatMap(([key, reason]) => {
      const count = this.#counts.get(key);
      return count === undefined ? [] : [{ ...count, reason }];
    });
  }
}

/** The response to a request: `answer` as JSON or protobuf, or whatever `send` writes. */
export interface Outcome {
  readonly status: number;
  readonly answer?: unknown;
  readonly parsed?: unknown;
  readonly send?: (response: ServerResponse, headers: OutgoingHttpHeaders) => void;
}

/** The routes without an id. */
const FIXED = /^\/(?:mcp|api\/(?:traces|events|errors|counts|changes|overview|search|recording))?$/;
/** The routes of one trace. */
const TRACE = /^\/api\/traces\/([0-9a-f]{32})(?:(\/rows)|\/spans\/([0-9a-f]{16}))?$/i;
/** The intakes, behind any path prefix, as real ones are behind proxies. */
const INTAKE = /(\/v1\/(?:traces|logs|metrics)$|\/batch(?=\/?$))/;

/** A parsed request line. */
export interface Asked {
  /** The path with `:id` and `:span` in place of ids; `other` for everything that is not served. */
  readonly route: string;
  /** Whether the route receives telemetry. */
  readonly isIntake: boolean;
  /** In lower case; empty if the route has none. */
  readonly traceId: string;
  readonly spanId: string;
  readonly method: string;
  readonly query: string;
}

function readRequest({ url = "", method = "" }: IncomingMessage, { agentToken }: Service): Asked {
  const [path = "", query = ""] = url.split(/\?(.*)/s);
  const [, intake] = INTAKE.exec(path) ?? [];
  const [, traceId = "", rows, spanId = ""] = TRACE.exec(path) ?? [];
  const isIntake = intake !== undefined;
  let route = FIXED.test(path) && (path !== "/mcp" || agentToken !== "") ? path : "other";
  if (isIntake) route = intake === "/batch" ? "/batch/" : intake;
  else if (spanId !== "") route = "/api/traces/:id/spans/:span";
  else if (traceId !== "") route = rows === undefined ? "/api/traces/:id" : "/api/traces/:id/rows";
  const ids = { traceId: traceId.toLowerCase(), spanId: spanId.toLowerCase() };
  return { route, isIntake, ...ids, method, query };
}

/** Answers one request. Never rejects: every failure becomes an HTTP status. */
export async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  service: Service,
): Promise<void> {
  const asked = readRequest(request, service);
  const { route, isIntake, method } = asked;
  const methods =
    isIntake || route === "/mcp"
      ? "POST, OPTIONS"
      : `GET, HEAD, ${route === "/api/traces" ? "DELETE, " : ""}OPTIONS`;
  let outcome: Outcome;
  let headers: OutgoingHttpHeaders = {};
  let refused = "";
  try {
    allowHost(request.headersDistinct["host"], service);
    allowOrigin(request.headers.origin, service);
    if (!isIntake) allowReader(request.headers, service);
    // Any site may link to the page; the page's own policy keeps it out of frames.
    if (route !== "/") allowSite(request.headers);
    headers = corsHeaders(request.headers, method === "OPTIONS" ? methods : undefined);
    outcome = await answer(request, asked, methods, service);
  } catch (error) {
    const problem =
      error instanceof HttpProblem ? error : new HttpProblem(500, "The receiver failed to answer.");
    outcome = { status: problem.status, answer: { message: problem.message } };
    headers = { ...headers, ...problem.headers };
    if (isIntake) refused = problem.message;
  }
  service.counter.add(route, outcome.status, refused);
  if (outcome.send === undefined) reply(request, response, outcome.status, outcome.answer, headers);
  else outcome.send(response, headers);
  try {
    const { url: path = "", headers: sent } = request;
    const { status, parsed: body } = outcome;
    service.onRequest?.({ method, path, route, status, headers: sent, body });
  } catch {
    // An error of the observer must not fail the sender's request.
  }
  service.feed.changed();
}

async function answer(
  request: IncomingMessage,
  asked: Asked,
  methods: string,
  service: Service,
): Promise<Outcome> {
  const { route, method } = asked;
  if (route === "other")
    throw new HttpProblem(
      404,
      "There is nothing here; the page is at /, OTLP goes to /v1/traces, PostHog's events to /batch/, and /api/traces lists what came.",
    );
  if (method === "OPTIONS") return { status: 204 };
  if (!methods.split(", ").includes(method))
    throw new HttpProblem(405, `${route} takes ${methods}.`, { allow: methods });
  if (route === "/mcp") return answerAgent(request, service);
  return asked.isIntake ? receive(request, asked, service) : answerQuestion(asked, service);
}

async function answerAgent(
  request: IncomingMessage,
  { store, budget, agentToken }: Service,
): Promise<Outcome> {
  allowToken(request.headers.authorization, agentToken);
  const body = await readBody(request, budget);
  try {
    const answer = answerModelContext(body, store);
    return { status: answer === undefined ? 202 : 200, answer };
  } finally {
    budget.left += body.length;
  }
}

async function receive(
  request: IncomingMessage,
  { route, query }: Asked,
  { store, budget, protobuf }: Service,
): Promise<Outcome> {
  // Checked before the body is read, so that a body in an unsupported encoding is refused early.
  const encoding = route === "/batch/" ? undefined : otlpEncoding(request);
  const body = await readBody(request, budget);
  try {
    // Metrics are accepted and counted by route but not shown, so that a program that exports them sees no errors.
    if (route === "/v1/metrics")
      return { status: 200, answer: encoding === "protobuf" ? new Uint8Array() : {} };
    const received =
      encoding === undefined
        ? receiveBatch(body, query, store, budget)
        : (route === "/v1/logs" ? receiveLogs : receiveTraces)(
            body,
            store,
            encoding === "protobuf" ? protobuf : undefined,
          );
    return { status: 200, ...received };
  } finally {
    budget.left += body.length;
  }
}
