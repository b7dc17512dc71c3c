/** What `tracePort` can trace: a MessagePort, `parentPort`, a Worker, and what is shaped like them. */
export interface Port {
  // A method, so that ports which take a narrower transfer list fit too.
  postMessage(value: unknown, ...rest: never[]): void;
}

/** Node's MessagePort and the web's ports and workers: events with `data`. */
export interface EventPort extends Port {
  addEventListener(type: string, listener: unknown, ...rest: unknown[]): unknown;
}

/** Node's Worker: an EventEmitter whose `message` event has the value itself. */
export interface EmitterPort extends Port {
  emit(name: string | symbol, ...values: unknown[]): boolean;
}

export const MESSAGE = "message";
