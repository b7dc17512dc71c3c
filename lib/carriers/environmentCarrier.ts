import type { TextMapGetter, TextMapSetter } from "@opentelemetry/api";
import { EnvironmentSetter } from "@opentelemetry/propagator-env-carrier";

/** The variables of a process, as `process.env` holds them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The names under which trace context and baggage are in an environment. */
export const CARRIER_VARIABLES: readonly string[] = ["TRACEPARENT", "TRACESTATE", "BAGGAGE"];

/** The variable for a name of a carrier, by OpenTelemetry's environment carrier rules: `TRACEPARENT`. */
function variableName(name: string): string {
  const written: Record<string, string> = {};
  new EnvironmentSetter(written).set(undefined, name, "");
  return Object.keys(written)[0] ?? name;
}

/** Reads any environment; the official getter reads that of this process only. */
export const environmentGetter: TextMapGetter<Environment> = {
  get: (environment, name) => environment[variableName(name)],
  keys: (environment) => Object.keys(environment),
};

/** Writes to an environment that is being made for a child. */
export const environmentSetter: TextMapSetter<Record<string, string>> = {
  set: (environment, name, value) => new EnvironmentSetter(environment).set(undefined, name, value),
};
