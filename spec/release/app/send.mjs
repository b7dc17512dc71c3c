// An application that sends: bundled, its telemetry is that of the package.
import { captureEvent, register, shutdown, Tier, withSpan } from "land-telemetry";

register(Tier.Cocoon);
withSpan("land:cocoon:bundled", () => undefined);
captureEvent("land:cocoon:bundled");
await shutdown(5_000);
