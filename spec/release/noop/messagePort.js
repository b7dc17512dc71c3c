function contextOf(values) {
  return {
    getValue: (key) => values[key],
    setValue: (key, value) => contextOf({ ...values, [key]: value }),
    deleteValue: (key) => contextOf({ ...values, [key]: undefined }),
  };
}
export function tracePort(port) {
  return port;
}
export function injectWorkerData(data) {
  return data;
}
export function workerContext(context) {
  return context ?? /* @__PURE__ */ contextOf({});
}
export function acceptRelayed() {
  return /* @__PURE__ */ Promise.resolve(false);
}
