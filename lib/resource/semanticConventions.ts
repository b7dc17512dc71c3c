/**
 * Land's own attribute names, and names that are still incubating in the OpenTelemetry semantic conventions (1.45) and
 * so are not exported by the stable entry of `@opentelemetry/semantic-conventions`. They are all in this file, so that
 * a rename in the conventions is one change here.
 */
export const ATTR_SESSION_ID = "session.id";
export const ATTR_PROCESS_PID = "process.pid";
export const ATTR_PROCESS_RUNTIME_NAME = "process.runtime.name";
export const ATTR_PROCESS_RUNTIME_VERSION = "process.runtime.version";
export const ATTR_OS_TYPE = "os.type";
export const ATTR_SERVICE_INSTANCE_ID = "service.instance.id";

export const ATTR_RPC_SYSTEM_NAME = "rpc.system.name";
export const ATTR_RPC_METHOD = "rpc.method";
export const ATTR_RPC_STATUS_CODE = "rpc.status_code";

export const ATTR_LAND_TIER = "land.tier";
export const ATTR_LAND_CANCELLED = "land.cancelled";
export const ATTR_LAND_UNANSWERED = "land.unanswered";

/** The tag of an exception that `captureError` recorded on the active span. */
export const ATTR_LAND_ERROR_TAG = "land.error_tag";

/** The attributes by which PostHog joins a span to a session and to a person. */
export const ATTR_SESSION_JOIN = "sessionId";
export const ATTR_DISTINCT_ID_JOIN = "posthogDistinctId";

export const ATTR_POSTHOG_EVENT = "posthog.event";
export const ATTR_POSTHOG_DISTINCT_ID = "posthog.distinct_id";

/** Whether a span was still open when its process ended, and how the process ended. */
export const ATTR_LAND_UNFINISHED = "land.unfinished";
export const ATTR_LAND_ENDED_BY = "land.ended_by";
/** The `error.type` of a span whose process crashed or vanished. */
export const PROCESS_DEATH = "process_death";
