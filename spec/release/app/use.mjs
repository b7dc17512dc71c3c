// An application that uses the value of every public name, so that nothing can be left out.
import * as main from "land-telemetry";
import * as environment from "land-telemetry/environment";
import * as grpc from "land-telemetry/grpc";
import * as inspector from "land-telemetry/inspector";
import * as jsonrpc from "land-telemetry/jsonrpc";
import * as messagePort from "land-telemetry/message-port";
import * as mirror from "land-telemetry/mirror";
import * as tauri from "land-telemetry/tauri";
import { work } from "./work.mjs";

for (const entry of [main, environment, grpc, inspector, jsonrpc, messagePort, mirror, tauri])
  for (const name of Object.keys(entry)) work([name, entry[name]]);
