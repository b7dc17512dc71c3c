export { acceptRelayed } from "./carriers/messagePort/acceptRelayed.js";
export { tracePort } from "./carriers/messagePort/tracePort.js";
export { injectWorkerData, workerContext } from "./carriers/messagePort/workerContext.js";
