import * as otlpProtobuf from "./otlpProtobuf.js";

/** Takes the place of `loadOtlpProtobuf` in the build for bundlers: within a bundle there is no file to require. */
export function loadOtlpProtobuf(): typeof otlpProtobuf {
  return otlpProtobuf;
}
