import { Server, ServerCredentials } from "@grpc/grpc-js";
import { serverInterceptor } from "land-telemetry/grpc";
import { CALLS, Vine, decode, encode, failureFromResponse, toRpcError } from "./vine.mjs";

/**
 * Serves a Vine service on a free loopback port.
 *
 * @param handle `(method, params, signal) => Promise<unknown>`; CancelOperation aborts the signal
 * @param notify `(method, params) => void`
 */
export async function serveVine(service, { handle, notify }) {
  const calls = CALLS[service];
  const running = new Map();
  const server = new Server({ interceptors: [serverInterceptor({ failureFromResponse })] });

  server.addService(Vine[service].service, {
    [calls.request]: answer(async ({ RequestIdentifier, Method, Parameter }) => {
      const abort = new AbortController();
      running.set(RequestIdentifier, abort);
      try {
        const result = await handle(Method, decode(Parameter), abort.signal);
        return { RequestIdentifier, Result: encode(result) };
      } catch (error) {
        return { RequestIdentifier, error: toRpcError(error, abort.signal) };
      } finally {
        running.delete(RequestIdentifier);
      }
    }),
    [calls.notification]: answer(async ({ Method, Parameter }) => {
      notify(Method, decode(Parameter));
      return {};
    }),
    CancelOperation: answer(async ({ RequestIdentifier, Reason }) => {
      running.get(RequestIdentifier)?.abort(new DOMException(Reason, "AbortError"));
      return {};
    }),
  });

  const port = await new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  const close = () => {
    // A client may be gone without cancelling; a handler that waits for that would keep the tier alive for ever.
    for (const abort of running.values())
      abort.abort(new DOMException("the tier ends", "AbortError"));
    return new Promise((resolve) => server.tryShutdown(resolve));
  };
  return { port, close };
}

function answer(handler) {
  return (call, callback) => {
    handler(call.request).then(
      (response) => callback(null, response),
      (error) => callback(error),
    );
  };
}
