// An application whose imports are hoisted, and which registers by one of them.
import "land-telemetry/register";
import { work } from "./work.mjs";

work({});
