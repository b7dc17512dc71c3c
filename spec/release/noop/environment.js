function contextOf(values) {
  return {
    getValue: (key) => values[key],
    setValue: (key, value) => contextOf({ ...values, [key]: value }),
    deleteValue: (key) => contextOf({ ...values, [key]: undefined }),
  };
}
export function childEnvironment(env) {
  return /* @__PURE__ */ copyOf(env);
}
function copyOf(env = process.env) {
  return Object.fromEntries(
    Object.entries({ ...env }).filter((variable) => typeof variable[1] === "string"),
  );
}
export function parentContext() {
  return /* @__PURE__ */ contextOf({});
}
