import { context } from "@opentelemetry/api";
import { credentials } from "@grpc/grpc-js";
import { clientInterceptor } from "land-telemetry/grpc";
import { CALLS, Vine, VineError, decode, encode, failureFromResponse } from "./vine.mjs";

/** A client of a Vine service on this machine. */
export function connectVine(service, port) {
  const calls = CALLS[service];
  const client = new Vine[service](`127.0.0.1:${port}`, credentials.createInsecure(), {
    interceptors: [clientInterceptor({ failureFromResponse })],
  });
  const call = (name, message) =>
    new Promise((resolve, reject) =>
      client[name](message, (error, response) => (error ? reject(error) : resolve(response))),
    );
  let last = 0;

  return {
    /** Resolves to the result or rejects with a VineError. An abort of the signal is passed on to the other side. */
    async request(method, params, signal) {
      const RequestIdentifier = ++last;
      // Bound, because the signal is aborted in another context, and the cancellation belongs to this request.
      const cancel = context.bind(
        context.active(),
        () => void call("CancelOperation", { RequestIdentifier, Reason: "cancelled by the user" }),
      );
      signal?.addEventListener("abort", cancel, { once: true });
      try {
        const { Result, error } = await call(calls.request, {
          RequestIdentifier,
          Method: method,
          Parameter: encode(params),
        });
        if (error) throw new VineError(error);
        return decode(Result);
      } finally {
        signal?.removeEventListener("abort", cancel);
      }
    },
    async notify(method, params) {
      await call(calls.notification, { Method: method, Parameter: encode(params) });
    },
    close: () => client.close(),
  };
}
