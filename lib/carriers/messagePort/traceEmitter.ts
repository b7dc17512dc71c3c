import { context } from "@opentelemetry/api";
import { hideMember } from "../hideMember.js";
import type { EmitterPort } from "./Port.js";
import { MESSAGE } from "./Port.js";
import type { Seen } from "./receiveTraced.js";
import { receiveTraced } from "./receiveTraced.js";

/** Lets an emitter, such as a Worker, emit its messages in the context of the sender. */
export function traceEmitter(port: EmitterPort): void {
  const seen: Seen = new WeakMap();
  const emit = port.emit.bind(port);
  hideMember(port, "emit", (name: string | symbol, ...values: unknown[]): boolean => {
    if (name !== MESSAGE) return emit(name, ...values);
    return context.with(receiveTraced(values[0], seen), () => emit(name, ...values));
  });
}
