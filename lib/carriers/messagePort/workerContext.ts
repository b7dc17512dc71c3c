import { workerData } from "node:worker_threads";
import type { Context } from "@opentelemetry/api";
import { context as contextApi } from "@opentelemetry/api";
import { extractPayload, injectPayload } from "../payloads.js";

/**
 * The `workerData` for a new Worker, with the active context at its top: a copy of a plain object, or an
 * object that holds the context alone when there is no data. Other values come back as they are.
 *
 * @param context Defaults to the active context.
 */
export function injectWorkerData(data?: unknown, context: Context = contextApi.active()): unknown {
  return injectPayload(data, context);
}

/**
 * In a worker: the context that its `workerData` brought, in which the worker was started. The worker's
 * spans are not its children by themselves; run what belongs to the start in it:
 * `context.with(workerContext(), work)`.
 *
 * @param context The context to build on; comes back as it is when there is nothing to read. Defaults to the
 *   active context.
 */
export function workerContext(context: Context = contextApi.active()): Context {
  return extractPayload(workerData, context);
}
