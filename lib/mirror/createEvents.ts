import type { Configuration } from "../configuration/Configuration.js";
import type { Courier } from "../delivery/Courier.js";
import type { Ledger } from "../delivery/Ledger.js";
import type { PayloadRecorder } from "../delivery/PayloadRecorder.js";
import type { Redactor } from "../privacy/Redactor.js";
import { createExceptionReporter } from "./createExceptionReporter.js";
import { createPostHogPipe } from "./createPostHogPipe.js";
import { EventCapture } from "./EventCapture.js";
import type { EventIdentity } from "./EventIdentity.js";
import type { ExceptionReporter } from "./ExceptionReporter.js";
import type { PostHogPipe } from "./PostHogPipe.js";

/** The PostHog side of a process. */
export interface Events {
  readonly pipe: PostHogPipe;
  readonly courier: Courier;
  /** Makes events of calls. */
  readonly capture: EventCapture;
  /** For those who asked for error tracking. */
  readonly exceptions: ExceptionReporter | undefined;
}

/** Makes the PostHog side of a configuration; with the first event, or after the start of the process. */
export function createEvents(
  configuration: Configuration,
  identity: EventIdentity,
  redactor: Redactor,
  ledger: Ledger,
  recorder: PayloadRecorder | undefined,
): Events {
  const { pipe, courier } = createPostHogPipe(configuration, redactor, ledger, recorder);
  const exceptions = configuration.posthog.errorTracking ? createExceptionReporter(identity, pipe, redactor) : undefined;
  return { pipe, courier, exceptions, capture: new EventCapture(identity, pipe, exceptions) };
}
