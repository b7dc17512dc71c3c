#!/usr/bin/env node
import { clearInterval, setInterval } from "../shared/timers.js";
import { runCommand } from "./runCommand.js";

/** As long as any timer may be; it has nothing to do. */
const HOLD_MS = 2 ** 31 - 1;

// The parts that commands are made of never hold the process of a host. Here the process is there for the command.
const hold = setInterval(() => undefined, HOLD_MS);
void runCommand(process.argv.slice(2))
  .then((code) => (process.exitCode = code))
  .finally(() => clearInterval(hold));
