function contextOf(values) {
  return {
    getValue: (key) => values[key],
    setValue: (key, value) => contextOf({ ...values, [key]: value }),
    deleteValue: (key) => contextOf({ ...values, [key]: void 0 }),
  };
}
function childEnvironment(env) {
  return /* @__PURE__ */ copyOf(env);
}
function copyOf(env = process.env) {
  return Object.fromEntries(
    Object.entries({ ...env }).filter((variable) => typeof variable[1] === "string"),
  );
}
function parentContext() {
  return /* @__PURE__ */ contextOf({});
}

export { childEnvironment, parentContext };
