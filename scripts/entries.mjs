/**
 * The public entries: subpath of the package to source file. Each is bundled on its own; what they share at run
 * time lives on one global.
 */
export const ENTRIES = {
  ".": "lib/index.ts",
  "./grpc": "lib/grpc.ts",
  "./jsonrpc": "lib/jsonrpc.ts",
  "./message-port": "lib/messagePort.ts",
  "./mirror": "lib/mirror/PostHogMirrorSpanProcessor.ts",
  "./environment": "lib/environment.ts",
  "./inspector": "lib/inspector/startInspector.ts",
};

/** Entries of the package that are no part of the application: they have no release variant. */
export const TOOLS = {
  "./plugin": "lib/plugin/plugin.ts",
};

/** The release variant of an entry: `./message-port` has `lib/messagePort.release.ts`. */
export function releaseFile(subpath) {
  return `lib/${entryName(subpath).replaceAll(/-(\w)/g, (_, letter) => letter.toUpperCase())}.release.ts`;
}

/** Files that the entries load later, by the name they get in dist; each is one file there. */
export const CHUNKS = {
  createPropagator: "lib/propagation/createPropagator.ts",
  createRedactor: "lib/privacy/createRedactor.ts",
  otlpExporter: "lib/tracing/otlpExporter.ts",
  otlpJson: "lib/tracing/otlpJson.ts",
  exceptionProperties: "lib/mirror/exceptionProperties.ts",
  LandPostHog: "lib/mirror/LandPostHog.ts",
  inspectorPage: "lib/inspector/inspectorPage.ts",
  otlpProtobuf: "lib/inspector/otlpProtobuf.ts",
  cli: "lib/cli/cli.ts",
  inspectCommand: "lib/cli/inspectCommand.ts",
  doctorCommand: "lib/cli/doctorCommand.ts",
  spoolCommand: "lib/cli/spoolCommand.ts",
  checkReleaseCommand: "lib/cli/checkReleaseCommand.ts",
};

/**
 * Functions that nothing calls while a process starts, by the file that holds them in dist: a chunk above, or one of
 * their own. In the entries each is a call through, which loads that file the first time. Such a module exports
 * functions alone, and keeps nothing between calls.
 */
export const CALLED_LATER = {
  createRedactor: ["lib/privacy/redactSpan.ts"],
  exceptionProperties: ["lib/mirror/redactedFailure.ts", "lib/mirror/createExceptionReporter.ts"],
  createPropagator: ["lib/propagation/baggageProcessors.ts"],
  settings: [
    "lib/configuration/parseKeyPairs.ts",
    "lib/shared/diagnose.ts",
    "lib/shared/enableDiagnostics.ts",
  ],
  delivering: [
    "lib/configuration/readConfiguration.ts",
    "lib/configuration/redactorOf.ts",
    "lib/delivery/recorderOf.ts",
    "lib/delivery/spoolOf.ts",
    "lib/mirror/createEvents.ts",
    "lib/mirror/createPostHogPipe.ts",
    "lib/mirror/spanToEvent.ts",
    "lib/tracing/createOtlpCourier.ts",
  ],
  tracing: ["lib/createTracing.ts"],
  sending: [
    "lib/delivery/loadSending.ts",
    "lib/delivery/createDelivery.ts",
    "lib/delivery/groupLines.ts",
    "lib/delivery/splitIntoPosts.ts",
    "lib/delivery/postParcels.ts",
    "lib/delivery/splitParcel.ts",
    "lib/delivery/reportOutage.ts",
    "lib/delivery/adoptSegments.ts",
    "lib/delivery/readOrphan.ts",
    "lib/delivery/readRecord.ts",
    "lib/delivery/evictSegment.ts",
    "lib/delivery/clearSpool.ts",
    "lib/tracing/joinBatches.ts",
    "lib/tracing/readPartialSuccess.ts",
    "lib/tracing/splitBatch.ts",
  ],
  failing: [
    "lib/failure/closeSpan.ts",
    "lib/failure/countedFailures.ts",
    "lib/failure/describeFailure.ts",
    "lib/failure/recordFailure.ts",
    "lib/failure/settleFailure.ts",
    "lib/mirror/failureOfSpan.ts",
  ],
  sampling: ["lib/tracing/createRatioSampler.ts"],
  handling: [
    "lib/privacy/trusted.ts",
    "lib/boundary/traceHandler.ts",
    "lib/boundary/extract.ts",
    "lib/boundary/extractPayload.ts",
    "lib/boundary/inject.ts",
    "lib/boundary/injectPayload.ts",
    "lib/boundary/payloadMark.ts",
    "lib/boundary/stripPayload.ts",
    "lib/propagation/formatTraceparent.ts",
    "lib/propagation/parseTraceparent.ts",
    "lib/tracing/emitSpan.ts",
  ],
};

/** Of these parts, those that every process loads in the first turns of its event loop. */
export const EARLY_PARTS = ["delivering", "tracing"];

/** The file name of an entry in dist, without its ending. */
export function entryName(subpath) {
  return subpath === "." ? "index" : subpath.slice(2);
}
