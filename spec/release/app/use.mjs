// An application that makes something of every public name, so that nothing can be left out.
import * as main from "land-telemetry";
import * as environment from "land-telemetry/environment";
import * as grpc from "land-telemetry/grpc";
import * as mirror from "land-telemetry/mirror";
import { work } from "./work.mjs";

for (const entry of [main, environment, grpc, mirror]) for (const name of Object.keys(entry)) work([name, entry[name]]);
