/**
 * Types only, checked by `npm run types`: the release entries can replace the full ones, and the other way round. A
 * class is compared by its public members, since no other class can have its private ones.
 */
// The compiler does not unify the conditional types in traceHandler's parameters, so it is compared once applied.
type Applied<T> = T extends (...args: infer Args) => infer Result
  ? { readonly args: Args; readonly result: Result }
  : never;
type Surface<T> = {
  readonly [Name in keyof T]: T[Name] extends new (...args: infer Args) => infer Instance
    ? { readonly args: Args; readonly instance: Pick<Instance, keyof Instance> }
    : Name extends "traceHandler"
      ? Applied<T[Name]>
      : T[Name];
};
/** Compiles only if `A` and `B` have the same names, with types that are assignable to each other. */
type Same<A extends B, B extends C, C = A> = [keyof A, keyof B] extends [keyof B, keyof A]
  ? true
  : ["names differ", Exclude<keyof A | keyof B, keyof A & keyof B>];
type Equal<A, B> =
  Surface<A> extends Surface<B>
    ? Surface<B> extends Surface<A>
      ? Same<Surface<A>, Surface<B> & Surface<A>>
      : "full is not release"
    : "release is not full";

type Full = {
  main: typeof import("../../lib/index.js");
  environment: typeof import("../../lib/environment.js");
  grpc: typeof import("../../lib/grpc.js");
  inspector: typeof import("../../lib/inspector/server/startInspector.js");
  jsonrpc: typeof import("../../lib/jsonrpc.js");
  messagePort: typeof import("../../lib/messagePort.js");
  mirror: typeof import("../../lib/posthog/PostHogMirrorSpanProcessor.js");
  tauri: typeof import("../../lib/carriers/tauri.js");
};
type Release = {
  main: typeof import("../../lib/release/index.js");
  environment: typeof import("../../lib/release/environment.js");
  grpc: typeof import("../../lib/release/grpc.js");
  inspector: typeof import("../../lib/release/inspector.js");
  jsonrpc: typeof import("../../lib/release/jsonrpc.js");
  messagePort: typeof import("../../lib/release/message-port.js");
  mirror: typeof import("../../lib/release/mirror.js");
  tauri: typeof import("../../lib/release/tauri.js");
};

/** Every line that is not `true` is an error. */
export const SAME: { readonly [Entry in keyof Full]: Equal<Release[Entry], Full[Entry]> } = {
  main: true,
  environment: true,
  grpc: true,
  inspector: true,
  jsonrpc: true,
  messagePort: true,
  mirror: true,
  tauri: true,
};
