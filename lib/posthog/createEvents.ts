import type { Courier } from "../delivery/Courier.js";
import type { PipeContext } from "../delivery/PipeContext.js";
import { createExceptionReporter } from "./createExceptionReporter.js";
import { createPostHogPipe } from "./createPostHogPipe.js";
import { EventCapture } from "./EventCapture.js";
import type { ExceptionReporter } from "./ExceptionReporter.js";
import { identityOf } from "./identityOf.js";
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
export function createEvents(context: PipeContext): Events {
  const configuration = context.configuration();
  const redactor = context.redactor();
  const identity = identityOf(configuration);
  const { pipe, courier } = createPostHogPipe(
    configuration,
    redactor,
    context.ledgers.posthog,
    context.recorder(),
  );
  const exceptions = configuration.posthog.errorTracking
    ? createExceptionReporter(identity, pipe, redactor)
    : undefined;
  return { pipe, courier, exceptions, capture: new EventCapture(identity, pipe, exceptions) };
}
