import type { InspectorOptions } from "./InspectorOptions.js";
import { isLoopback } from "./isLoopback.js";

export type ResolvedOptions = Required<Omit<InspectorOptions, "onRequest">>;

const MIB = 1024 * 1024;

const DEFAULTS: ResolvedOptions = {
  port: 0,
  host: "127.0.0.1",
  allowRemote: false,
  allowedHosts: [],
  allowedOrigins: [],
  maxTraces: 1_000,
  maxSpans: 100_000,
  maxEvents: 20_000,
  maxHeldBytes: 64 * MIB,
  maxBodyBytes: 20 * MIB,
  maxBufferedBytes: 64 * MIB,
  maxConnections: 256,
  requestTimeoutMs: 10_000,
};

/** Fills in the defaults; throws a RangeError that names the option when one cannot be used. */
export function resolveOptions(given: InspectorOptions): ResolvedOptions {
  const set = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as InspectorOptions;
  const options = { ...DEFAULTS, ...set };
  for (const [name, value] of Object.entries(options)) {
    if (name.startsWith("max") || name === "requestTimeoutMs") checkPositive(name, value);
  }
  if (!options.allowRemote && !isLoopback(options.host)) {
    throw new RangeError(
      `host ${JSON.stringify(options.host)} can be reached from other machines; set allowRemote to mean it, or use 127.0.0.1.`,
    );
  }
  return { ...options, maxBufferedBytes: Math.max(options.maxBufferedBytes, options.maxBodyBytes) };
}

function checkPositive(name: string, value: unknown): void {
  if (typeof value !== "number" || !Number.isFinite(value) || value <= 0) {
    throw new RangeError(`${name} is ${String(value)}; a positive number is accepted.`);
  }
}
