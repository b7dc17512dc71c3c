export function traceInvoke(invoke) {
  return invoke;
}
export function traceListen(listen) {
  return listen;
}
