/* One file of the rest of a page's telemetry: events. */
export { EventCapture } from "../../posthog/EventCapture.js";
export { MirrorSpanProcessor } from "../../posthog/MirrorSpanProcessor.js";
export { PostHogPipe } from "../../posthog/PostHogPipe.js";
