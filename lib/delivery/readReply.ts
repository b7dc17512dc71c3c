import { attempt } from "../shared/attempt.js";
import { isObject } from "../shared/isObject.js";
import type { HttpReply } from "./HttpTransport.js";
import type { ReplyReading } from "./RequestFormat.js";

/** Words that servers reply with in plain text instead of JSON, or as a value inside JSON. */
const ACKNOWLEDGEMENT = /^["'\s]*(?:1|ok|okay|success|accepted|true)[."'!\s]*$/i;
const REFUSAL = /^(?:0|false|error|fail|failed|failure)$/i;
/** Members in which servers say how a request went (`VERDICTS`) and in which they explain it (`WORDS`). */
const VERDICTS = ["status", "success", "ok", "result", "message"];
const WORDS = ["message", "errorMessage", "error_message", "detail", "error"];
/** gRPC statuses that the OTLP specification lets a client retry ("Failures"). */
const LATER: ReadonlySet<number> = new Set([1, 4, 8, 10, 11, 14, 15]);
/** gRPC statuses that concern the sender and not the data: PERMISSION_DENIED, UNIMPLEMENTED and UNAUTHENTICATED. */
const ABOUT_THE_SENDER: ReadonlySet<number> = new Set([7, 12, 16]);
/** The highest gRPC status. */
const MAX_GRPC_STATUS = 16;

/** HTTP statuses after which to retry; a 407 comes from a proxy and not from the endpoint. */
const TRY_AGAIN: ReadonlySet<number> = new Set([407, 408, 425, 429]);

/** Whether a request that got this HTTP status may succeed later. */
export function isRetryable(status: number): boolean {
  return status >= 500 || TRY_AGAIN.has(status);
}

/** Reads a reply that is JSON or one of the usual words; undefined for anything else, such as a page. */
export function readText({ body }: Pick<HttpReply, "body">): ReplyReading | undefined {
  const text = body.toString("utf8");
  if (text.trim() === "" || ACKNOWLEDGEMENT.test(text)) return {};
  const reply = attempt<unknown>(() => JSON.parse(text));
  if (reply === undefined) return undefined;
  if (!isObject(reply) || Array.isArray(reply)) return { verdict: "unknown" };
  return readMembers(reply as Readonly<Record<string, unknown>>);
}

/** Reads a google.rpc.Status, which OTLP uses for a failure, in a reply with any HTTP status. */
export function readGrpcStatus(code: number, message: string | undefined): ReplyReading {
  return {
    verdict: LATER.has(code) ? "later" : "refused",
    reason: `grpc_${code}`,
    divisible: !ABOUT_THE_SENDER.has(code),
    ...(message === undefined ? {} : { message }),
  };
}

function readMembers(reply: Readonly<Record<string, unknown>>): ReplyReading {
  const words = textIn(WORDS.map((name) => reply[name]));
  const code = Number(reply["code"] ?? 0);
  if (code > 0 && code <= MAX_GRPC_STATUS) return readGrpcStatus(code, words);
  const message = words === undefined ? {} : { message: words };
  const verdicts = [
    ...VERDICTS.map((name) => reply[name]),
    reply["code"] === 0 ? "ok" : code || undefined,
  ]
    .map(verdictOf)
    .filter((verdict) => verdict !== undefined);
  const { error, errors = error } = reply;
  const hasErrors = Array.isArray(errors) ? errors.length > 0 : Boolean(errors);
  if (verdicts.includes("later")) return { verdict: "later", ...message };
  if (hasErrors || verdicts.includes("refused")) return { verdict: "refused", ...message };
  // OTLP acknowledges with an empty object.
  const isTaken = verdicts.includes("taken") || Object.keys(reply).length === 0;
  return { verdict: isTaken ? "taken" : "unknown", ...message };
}

/** The verdict of one member, which may be a word, a boolean or an HTTP status. */
function verdictOf(value: unknown): ReplyReading["verdict"] {
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean")
    return undefined;
  const text = String(value);
  if (ACKNOWLEDGEMENT.test(text) || /^2\d\d$/.test(text)) return "taken";
  if (/^[345]\d\d$/.test(text)) return isRetryable(Number(text)) ? "later" : "refused";
  return REFUSAL.test(text) ? "refused" : undefined;
}

/** The first non-empty string among these values or their `message` members. */
function textIn(values: readonly unknown[]): string | undefined {
  const texts = values.map((value) =>
    isObject(value) ? (value as { message?: unknown }).message : value,
  );
  return texts.find((text): text is string => typeof text === "string" && text !== "");
}
