export function clientInterceptor() {
  return (options, nextCall) => nextCall(options);
}
export function serverInterceptor() {
  return (_definition, call) => call;
}
