function makeContext(values) {
  return {
    getValue: (key) => values[key],
    setValue: (key, value) => makeContext({ ...values, [key]: value }),
    deleteValue: (key) => makeContext({ ...values, [key]: undefined }),
  };
}
export function childEnvironment(env) {
  return /* @__PURE__ */ copyWithoutUndefined(env);
}
function copyWithoutUndefined(env = process.env) {
  return Object.fromEntries(Object.entries({ ...env }).filter((entry) => typeof entry[1] === "string"));
}
export function parentContext() {
  return /* @__PURE__ */ makeContext({});
}
