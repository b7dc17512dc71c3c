import type { Case } from "../Case";
import { burst } from "./burst";
import { disks } from "./disks";
import { endings } from "./endings";
import { errors } from "./errors";
import { farEnds } from "./farEnds";
import { hostile } from "./hostile";
import { hostParts } from "./hostParts";
import { instruments } from "./instruments";
import { kills } from "./kills";
import { lastMoment } from "./lastMoment";
import { late } from "./late";
import { neighbours } from "./neighbours";
import { outage } from "./outage";
import { recorder } from "./recorder";
import { runners } from "./runners";
import { spool } from "./spool";
import { refusals } from "./refusals";
import { settings } from "./settings";
import { throttle } from "./throttle";

/** In the order of the table. */
export const CASES: readonly Case[] = [
  farEnds,
  outage,
  burst,
  lastMoment,
  kills,
  recorder,
  endings,
  disks,
  neighbours,
  spool,
  refusals,
  settings,
  throttle,
  instruments,
  errors,
  late,
  runners,
  hostile,
  hostParts,
];
