import { ErrorTracking } from "@posthog/core";

/**
 * The properties of PostHog's `$exception` event: the error, its causes and its aggregated errors, each with
 * parsed frames. Built by PostHog's own parser, without the step that reads source files and adds their lines.
 */
export function exceptionProperties(failure: unknown, handled: boolean): Record<string, unknown> {
  const builder = new ErrorTracking.ErrorPropertiesBuilder(
    [
      new ErrorTracking.EventCoercer(),
      new ErrorTracking.ErrorCoercer(),
      new ErrorTracking.ObjectCoercer(),
      new ErrorTracking.StringCoercer(),
      new ErrorTracking.PrimitiveCoercer(),
    ],
    ErrorTracking.createStackParser("node:javascript", ErrorTracking.nodeStackLineParser),
  );
  return {
    ...builder.buildFromUnknown(failure, { mechanism: { handled, type: "generic" } }),
    $exception_level: "error",
  };
}
