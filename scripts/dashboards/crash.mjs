/** A tier that starts and dies of an uncaught error. */
import { register } from "land-telemetry";

register("echo");
setTimeout(() => {
  throw new TypeError("nobody catches this");
}, 200);
