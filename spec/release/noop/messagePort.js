function makeContext(values) {
  return {
    getValue: (key) => values[key],
    setValue: (key, value) => makeContext({ ...values, [key]: value }),
    deleteValue: (key) => makeContext({ ...values, [key]: undefined }),
  };
}
export function tracePort(port) {
  return port;
}
export function injectWorkerData(data) {
  return data;
}
export function workerContext(context) {
  return context ?? /* @__PURE__ */ makeContext({});
}
