export { tracePort } from "./boundary/message-port/tracePort.js";
export { injectWorkerData, workerContext } from "./boundary/message-port/workerContext.js";
