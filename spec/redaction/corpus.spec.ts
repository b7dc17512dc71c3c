import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import { createTraceState, SpanStatusCode } from "@opentelemetry/api";
import { JsonTraceSerializer } from "@opentelemetry/otlp-transformer";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { createRedactor } from "../../lib/redaction/createRedactor.js";
import { redactSpan } from "../../lib/redaction/redactSpan.js";
import type { Canary } from "./corpus/canaries.js";
import {
  APPLICATION,
  canaries,
  FOREIGN_USER,
  foreignCanaries,
  HOME,
  USER,
  WINDOWS_APPLICATION,
  WINDOWS_HOME,
  WINDOWS_USER,
  windowsCanaries,
} from "./corpus/canaries.js";
import { harmless } from "./corpus/harmless.js";

const redactor = createRedactor({ applicationRoot: APPLICATION }, { home: HOME, user: USER });
const windows = createRedactor(
  { applicationRoot: WINDOWS_APPLICATION },
  { home: WINDOWS_HOME, user: WINDOWS_USER },
);

/** The sentences in which a canary is placed. */
const SENTENCES: Record<string, (text: string) => string> = {
  alone: (text) => text,
  quoted: (text) => `ENOENT: no such file or directory, open '${text}'`,
  assigned: (text) => `cwd=${text}`,
  labelled: (text) => `failed: ${text}`,
  bracketed: (text) => `request (${text}) failed`,
  json: (text) => JSON.stringify({ outer: { value: text } }),
  lines: (text) => `first line\n${text}\nlast line`,
  "behind an escaped line break": (text) => `first line\\n${text}\\nlast line`,
  "in a terminal's colours": (text) => `\u001b[1;31m${text}\u001b[0m`,
  "as JSON in JSON": (text) => JSON.stringify(JSON.stringify({ value: text })),
  "percent-encoded": (text) => encodeURIComponent(text),
  "percent-encoded in a sentence": (text) => encodeURIComponent(`failed: ${text} here`),
  "percent-encoded as JSON": (text) => encodeURIComponent(JSON.stringify({ value: text })),
  "as an encoded parameter": (text) => `next%3D${encodeURIComponent(text)}%26x%3D1`,
  "in a form": (text) => new URLSearchParams({ value: text }).toString(),
};

/** Marks after which a path under a well-known root, a token or a name must still be found. */
const MARKS: Record<string, (text: string) => string> = {
  "words without blanks": (text) => `\u65e0\u6cd5\u6253\u5f00${text}`,
  "typographic quotes": (text) => `\u201c${text}\u201d`,
  "a tag": (text) => `<b>${text}</b>`,
  "a no-break space": (text) => `open\u00a0${text}\u00a0failed`,
};
const NO_ROOT = "/acme/orchid/secret.ts";

function leaks(output: string, canary: Canary): string[] {
  const lowered = `${output}\n${decoded(output)}`.toLowerCase();
  return canary.secrets
    .filter((secret) => lowered.includes(secret.toLowerCase()))
    .map((secret) => `${secret} in ${output}`);
}

/** The text as a reader would decode it, even if it is percent-encoded several times. */
function decoded(text: string): string {
  let plain = text;
  for (let times = 0; times < 4; times++)
    plain = plain.replaceAll(/(?:%[0-9A-F]{2})+/gi, (signs) =>
      Buffer.from(signs.replaceAll("%", ""), "hex").toString(),
    );
  return plain.replaceAll("+", " ");
}

describe("canaries", () => {
  it("number several hundred", () => {
    expect(canaries().length + windowsCanaries().length).toBeGreaterThan(300);
  });

  it.each(Object.entries(SENTENCES))("leave nothing behind when placed %s", (_, sentence) => {
    const left = canaries().flatMap((canary) =>
      leaks(redactor.text(sentence(canary.text)), canary),
    );
    expect(left).toEqual([]);
  });

  it.each(Object.entries(SENTENCES))(
    "of a Windows machine leave nothing behind when placed %s",
    (_, sentence) => {
      const left = windowsCanaries().flatMap((canary) =>
        leaks(windows.text(sentence(canary.text)), canary),
      );
      expect(left).toEqual([]);
    },
  );

  it.each(Object.entries(MARKS))("leave nothing behind after %s", (_, mark) => {
    const left = canaries()
      .filter(({ text }) => text !== NO_ROOT)
      .flatMap((canary) => leaks(redactor.text(mark(canary.text)), canary));
    expect(left).toEqual([]);
  });

  it("of a user whose name has non-ASCII letters leave nothing behind", () => {
    const foreign = createRedactor(
      { applicationRoot: APPLICATION },
      { home: `/home/${FOREIGN_USER}`, user: FOREIGN_USER },
    );
    expect(foreignCanaries().flatMap((canary) => leaks(foreign.text(canary.text), canary))).toEqual(
      [],
    );
  });

  it("leave nothing behind in any field of a span", () => {
    const left = canaries().flatMap((canary) =>
      leaks(bytes(redactSpan(redactor, planted(canary.text))), canary),
    );
    expect(left).toEqual([]);
  });

  it("are found in the span without redaction, so the check can fail", () => {
    for (const { text } of canaries())
      expect(bytes(planted(text))).toContain(JSON.stringify(text).slice(1, -1));
  });
});

describe("harmless text", () => {
  it("has more samples than the canaries", () => {
    expect(harmless().length).toBeGreaterThan(canaries().length);
  });

  it("stays unchanged", () => {
    const changed = harmless().filter(
      (text) => redactor.text(text) !== text || windows.text(text) !== text,
    );
    expect(changed.map((text) => `${text} → ${redactor.text(text)}`)).toEqual([]);
  });

  it("is copied unchanged in a span, which shares its attributes with the original", () => {
    const resource = resourceFromAttributes({ "service.name": "land-editor-cocoon" });
    const tracer = new BasicTracerProvider({ resource }).getTracer("land.cocoon", "0.1.0");
    for (const text of harmless()) {
      const span = tracer.startSpan(text, {
        attributes: { "land.value": text, "land.list": [text, text] },
      });
      span.addEvent(text, { "land.value": text });
      span.setStatus({ code: SpanStatusCode.ERROR, message: text });
      span.end();
      const original = span as unknown as ReadableSpan;
      const copy = redactSpan(redactor, original);
      expect(bytes(copy)).toBe(bytes(original));
      expect(copy.attributes).toBe(original.attributes);
    }
  });
});

function planted(text: string): ReadableSpan {
  const resource = resourceFromAttributes({
    "service.name": "land-editor-cocoon",
    "land.planted": text,
  });
  const linked = {
    traceId: "0af7651916cd43dd8448eb211c80319c",
    spanId: "b7ad6b7169203331",
    traceFlags: 1,
  };
  const tracer = new BasicTracerProvider({ resource }).getTracer(text, text);
  const span = tracer.startSpan(text, {
    attributes: { "land.planted": text, "land.list": ["plain", text] },
    links: [
      {
        context: { ...linked, traceState: createTraceState(`land=${headerSafe(text)}`) },
        attributes: { "land.planted": text },
      },
    ],
  });
  const cause = new AggregateError([new Error(text), new Error("plain")], `all failed: ${text}`, {
    cause: new Error(text),
  });
  const error = new Error(text, { cause });
  error.stack = `${error.stack ?? ""}\n[cause]: ${cause.stack ?? ""}\n[errors]: ${cause.errors.map((inner: Error) => inner.stack).join("\n")}`;
  span.recordException(error);
  span.addEvent(text, { "land.planted": text });
  span.setStatus({ code: SpanStatusCode.ERROR, message: text });
  span.end();
  return span as unknown as ReadableSpan;
}

/** The text if a trace state can hold it, or else a plain word. */
function headerSafe(text: string): string {
  return /^[!-~]{1,256}$/.test(text) && !/[,=]/.test(text) ? text : "plain";
}

function bytes(span: ReadableSpan): string {
  return Buffer.from(JsonTraceSerializer.serializeRequest([span]) ?? []).toString();
}
