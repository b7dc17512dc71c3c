export { tracePort } from "./carriers/messagePort/tracePort.js";
export { injectWorkerData, workerContext } from "./carriers/messagePort/workerContext.js";
