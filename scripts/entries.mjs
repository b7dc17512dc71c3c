/**
 * The public entries: subpath of the package to source file. Each is bundled on its own; what they share at run
 * time lives on one global.
 */
export const ENTRIES = {
  ".": "lib/index.ts",
  "./grpc": "lib/grpc.ts",
  "./jsonrpc": "lib/jsonrpc.ts",
  "./message-port": "lib/messagePort.ts",
  "./mirror": "lib/posthog/PostHogMirrorSpanProcessor.ts",
  "./environment": "lib/environment.ts",
  "./inspector": "lib/inspector/server/startInspector.ts",
};

/** Entries of the package that are no part of the application: they have no release variant. */
export const TOOLS = {
  "./plugin": "lib/plugin/plugin.ts",
};

/** The release variant of an entry: `./message-port` has `lib/release/messagePort.ts`. */
export function releaseFile(subpath) {
  return `lib/release/${entryName(subpath).replaceAll(/-(\w)/g, (_, letter) => letter.toUpperCase())}.ts`;
}

/** Files that the entries load later, by the name they get in dist; each is one file there. */
export const CHUNKS = {
  createPropagator: "lib/propagation/createPropagator.ts",
  createRedactor: "lib/redaction/createRedactor.ts",
  otlpExporter: "lib/tracing/otlpExporter.ts",
  otlpJson: "lib/tracing/otlpJson.ts",
  exceptionProperties: "lib/posthog/exceptionProperties.ts",
  LandPostHog: "lib/posthog/LandPostHog.ts",
  inspectorPage: "lib/inspector/server/inspectorPage.ts",
  otlpProtobuf: "lib/inspector/server/otlpProtobuf.ts",
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
  createRedactor: ["lib/redaction/redactSpan.ts"],
  exceptionProperties: ["lib/posthog/redactedFailure.ts", "lib/posthog/createExceptionReporter.ts"],
  settings: [
    "lib/config/parseKeyPairs.ts",
    "lib/shared/diagnose.ts",
    "lib/shared/enableDiagnostics.ts",
  ],
  delivering: [
    "lib/config/readConfiguration.ts",
    "lib/config/redactorOf.ts",
    "lib/delivery/recorderOf.ts",
    "lib/delivery/disk/spoolOf.ts",
    "lib/posthog/createEvents.ts",
    "lib/posthog/createPostHogPipe.ts",
    "lib/posthog/spanToEvent.ts",
    "lib/tracing/createOtlpCourier.ts",
  ],
  tracing: ["lib/createTracing.ts"],
  sending: [
    "lib/delivery/loadSending.ts",
    "lib/delivery/createDelivery.ts",
    "lib/delivery/disk/groupLines.ts",
    "lib/delivery/splitIntoPosts.ts",
    "lib/delivery/postParcels.ts",
    "lib/delivery/splitParcel.ts",
    "lib/delivery/reportOutage.ts",
    "lib/delivery/disk/adoptSegments.ts",
    "lib/delivery/disk/readOrphan.ts",
    "lib/delivery/disk/readRecord.ts",
    "lib/delivery/disk/evictSegment.ts",
    "lib/delivery/disk/clearSpool.ts",
    "lib/tracing/joinBatches.ts",
    "lib/tracing/readPartialSuccess.ts",
    "lib/tracing/splitBatch.ts",
  ],
  failing: [
    "lib/failures/closeSpan.ts",
    "lib/failures/countedFailures.ts",
    "lib/failures/describeFailure.ts",
    "lib/failures/recordFailure.ts",
    "lib/failures/settleFailure.ts",
    "lib/posthog/failureOfSpan.ts",
  ],
  sampling: ["lib/tracing/createRatioSampler.ts"],
  handling: [
    "lib/redaction/trusted.ts",
    "lib/handlers/traceHandler.ts",
    "lib/carriers/extract.ts",
    "lib/carriers/extractPayload.ts",
    "lib/carriers/inject.ts",
    "lib/carriers/injectPayload.ts",
    "lib/carriers/payloadMark.ts",
    "lib/carriers/stripPayload.ts",
    "lib/tracing/emitSpan.ts",
  ],
};

/** Of these parts, those that every process loads in the first turns of its event loop. */
export const EARLY_PARTS = ["delivering", "tracing"];

/** The file name of an entry in dist, without its ending. */
export function entryName(subpath) {
  return subpath === "." ? "index" : subpath.slice(2);
}
