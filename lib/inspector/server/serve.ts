import type { IncomingMessage, ServerResponse } from "node:http";
import { HttpProblem } from "./HttpProblem.js";
import { allowHost } from "./allowHost.js";
import { allowOrigin } from "./allowOrigin.js";
import { allowReader } from "./allowReader.js";
import { allowSite } from "./allowSite.js";
import type { Outcome } from "./answerQuestion.js";
import { answerQuestion } from "./answerQuestion.js";
import { corsHeaders } from "./corsHeaders.js";
import type { FoundRoute, Route } from "./findRoute.js";
import { findRoute } from "./findRoute.js";
import { readBody } from "./readBody.js";
import { receiveBatch } from "./receiveBatch.js";
import { receiveTraces, tracesEncoding } from "./receiveTraces.js";
import { reply } from "./reply.js";
import type { Service } from "./Service.js";

const INTAKES: ReadonlySet<Route> = new Set(["/v1/traces", "/batch/"]);

/** Answers one request. Never rejects: whatever goes wrong becomes a status. */
export async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  service: Service,
): Promise<void> {
  const [path = "", query = ""] = splitOnce(request.url ?? "");
  const found = findRoute(path);
  const { route } = found;
  const methods = methodsOf(route);
  let outcome: Outcome;
  let headers = {};
  try {
    allowHost(request.headersDistinct["host"], service.hostRules);
    allowOrigin(request.headers.origin, service.allowedOrigins);
    if (!INTAKES.has(route)) allowReader(request.headers, service.allowedOrigins);
    // A link to the page may stand anywhere; frames around it are refused by its policy.
    if (route !== "/") allowSite(request.headers);
    headers = corsHeaders(request.headers, request.method === "OPTIONS" ? methods : undefined);
    outcome = await answer(request, { ...found, query, methods }, service);
  } catch (error) {
    const problem =
      error instanceof HttpProblem
        ? error
        : new HttpProblem(500, "The receiver failed to answer this.");
    outcome = { status: problem.status, answer: { message: problem.message } };
    headers = { ...headers, ...problem.headers };
  }
  service.counter.add(route, outcome.status);
  if (outcome.send === undefined)
    reply(request, response, outcome.status, outcome.answer, { ...headers, ...outcome.headers });
  else outcome.send(response, headers);
  tell(service, request, route, outcome);
  service.feed.changed();
}

interface Asked extends FoundRoute {
  readonly query: string;
  readonly methods: string;
}

async function answer(request: IncomingMessage, asked: Asked, service: Service): Promise<Outcome> {
  const { route, query, methods } = asked;
  if (route === "other")
    throw new HttpProblem(
      404,
      "There is nothing here; the page is at /, OTLP goes to /v1/traces, PostHog's events to /batch/, and /api/traces lists what came.",
    );
  const { method = "" } = request;
  if (method === "OPTIONS") return { status: 204, answer: undefined };
  if (!methods.split(", ").includes(method))
    throw new HttpProblem(405, `${route} takes ${methods}.`, { allow: methods });
  if (INTAKES.has(route)) return receive(request, route, query, service);
  return answerQuestion({ ...asked, method, parameters: new URLSearchParams(query) }, service);
}

function methodsOf(route: Route): string {
  if (INTAKES.has(route)) return "POST, OPTIONS";
  return route === "/api/traces" ? "GET, HEAD, DELETE, OPTIONS" : "GET, HEAD, OPTIONS";
}

async function receive(
  request: IncomingMessage,
  route: Route,
  query: string,
  service: Service,
): Promise<Outcome> {
  const { store, bodyLimits } = service;
  const encoding = route === "/v1/traces" ? tracesEncoding(request) : undefined;
  const body = await readBody(request, bodyLimits);
  try {
    return {
      status: 200,
      ...(encoding === undefined
        ? receiveBatch(body, query, store, bodyLimits)
        : receiveTraces(body, encoding, store)),
    };
  } finally {
    bodyLimits.budget.give(body.length);
  }
}

function tell(
  service: Service,
  request: IncomingMessage,
  route: Route,
  { status, parsed }: Outcome,
): void {
  try {
    service.onRequest?.({
      method: request.method ?? "",
      path: request.url ?? "",
      route,
      status,
      headers: request.headers,
      body: parsed,
    });
  } catch {
    // The observer's mistake is not the sender's.
  }
}

function splitOnce(url: string): readonly string[] {
  const mark = url.indexOf("?");
  return mark === -1 ? [url] : [url.slice(0, mark), url.slice(mark + 1)];
}
