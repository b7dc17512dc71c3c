function contextOf(values) {
  return {
    getValue: (key) => values[key],
    setValue: (key, value) => contextOf({ ...values, [key]: value }),
    deleteValue: (key) => contextOf({ ...values, [key]: void 0 }),
  };
}
function tracePort(port) {
  return port;
}
function injectWorkerData(data) {
  return data;
}
function workerContext(context) {
  return context ?? /* @__PURE__ */ contextOf({});
}

export { tracePort, injectWorkerData, workerContext };
