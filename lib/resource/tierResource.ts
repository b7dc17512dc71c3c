import type { Attributes } from "@opentelemetry/api";
import type { Resource } from "@opentelemetry/resources";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  ATTR_SERVICE_NAME,
  ATTR_SERVICE_VERSION,
  ATTR_TELEMETRY_DISTRO_NAME,
  ATTR_TELEMETRY_DISTRO_VERSION,
} from "@opentelemetry/semantic-conventions";
import { SDK_INFO } from "@opentelemetry/core";
import { diagnoseSetting } from "../shared/diagnostics.js";
import { isThenable } from "../shared/followPromise.js";
import { newId } from "./identity.js";
import { PACKAGE_NAME, PACKAGE_VERSION } from "./packageVersion.js";
import {
  ATTR_LAND_TIER,
  ATTR_SERVICE_INSTANCE_ID,
  ATTR_SESSION_ID,
} from "./semanticConventions.js";
import { runtimeAttributes } from "./runtimeAttributes.js";
import type { Tier } from "./Tier.js";

/** The identity of a tier, as its resource states it. */
export interface TierIdentity {
  readonly tier: Tier;
  readonly serviceName: string;
  readonly version: string;
  readonly sessionId: string;
  /** The host's own attributes, which override ours except for the tier and the session. */
  readonly attributes: Attributes;
}

/** The attributes without promises: batches would wait for them, and one that never settles would hold all spans. */
function settledAttributes(attributes: Attributes): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).filter(([key, value]) => {
      const isPromise = isThenable(value);
      if (isPromise)
        diagnoseSetting(`resourceAttributes ${key}`, "a promise", "a value", "It is left out.");
      return !isPromise;
    }),
  );
}

/**
 * The resource of a tier's spans. It contains neither the command line nor the machine's user, because both can hold
 * paths and names.
 */
export function tierResource(identity: TierIdentity): Resource {
  return resourceFromAttributes({
    ...SDK_INFO,
    ...runtimeAttributes(),
    [ATTR_SERVICE_NAME]: identity.serviceName,
    [ATTR_SERVICE_VERSION]: identity.version,
    [ATTR_SERVICE_INSTANCE_ID]: newId(),
    [ATTR_TELEMETRY_DISTRO_NAME]: PACKAGE_NAME,
    [ATTR_TELEMETRY_DISTRO_VERSION]: PACKAGE_VERSION,
    ...settledAttributes(identity.attributes),
    [ATTR_LAND_TIER]: identity.tier,
    [ATTR_SESSION_ID]: identity.sessionId,
  });
}
