#!/usr/bin/env node
import { clearInterval, setInterval } from "../shared/timers.js";
import { runCommand } from "./runCommand.js";

/** The longest possible timer, since its callback does nothing. */
const HOLD_MS = 2 ** 31 - 1;

// The library never keeps a process alive; here the process exists for the command, so this timer does.
const hold = setInterval(() => undefined, HOLD_MS);
void runCommand(process.argv.slice(2))
  .then((code) => (process.exitCode = code))
  .finally(() => clearInterval(hold));
