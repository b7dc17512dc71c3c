export function clientInterceptor() {
  return (options, next) => next(options);
}
export function serverInterceptor() {
  return (definition, call) => call;
}
