function clientInterceptor() {
  return (options, nextCall) => nextCall(options);
}
function serverInterceptor() {
  return (_definition, call) => call;
}

export { clientInterceptor, serverInterceptor };
