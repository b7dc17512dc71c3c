import { workerData } from "node:worker_threads";
import type { Context } from "@opentelemetry/api";
import { context as contextApi } from "@opentelemetry/api";
import { extractPayload, injectPayload } from "../payloads.js";

/**
 * The `workerData` for a new Worker, with the active context at its top level: a copy of a plain object, or an object
 * that holds only the context when there is no data. Other values are returned as they are.
 *
 * @param context Defaults to the active context.
 */
export function injectWorkerData(data?: unknown, context: Context = contextApi.active()): unknown {
  return injectPayload(data, context);
}

/**
 * In a worker: the context in which the worker was started, from its `workerData`. The worker's spans do not become
 * its children automatically; run what belongs to the start in it: `context.with(workerContext(), work)`.
 *
 * @param context The context to build on; returned as it is when there is nothing to read. Defaults to the active
 *   context.
 */
export function workerContext(context: Context = contextApi.active()): Context {
  return extractPayload(workerData, context);
}
