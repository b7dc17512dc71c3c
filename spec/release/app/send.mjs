// An application that sends spans and events.
import { captureEvent, register, shutdown, Tier, withSpan } from "land-telemetry";

register(Tier.Cocoon);
withSpan("land:cocoon:bundled", () => undefined);
captureEvent("land:cocoon:bundled");
await shutdown(5_000);
