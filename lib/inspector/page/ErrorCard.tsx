import { useState } from "preact/hooks";
import type { ReceivedError } from "../server/findErrors.js";
import type { Frame } from "./stack.js";
import { framesOf } from "./stack.js";

/** The placeholders with which redaction replaces paths. */
const HIDDEN = /<(?:path|home|app)>/;
/** How long a button shows that it has copied, in ms. */
const COPIED_MS = 1_500;

type Shown = Pick<ReceivedError, "type" | "message" | "stack" | "causes" | "openSpans">;

/** An error's type, message (shown once), stack and causes; for the death of a process also what it was doing. */
export function ErrorCard({ error, editor }: Readonly<{ error: Shown; editor: string }>) {
  const { type, message, stack, causes, openSpans } = error;
  // Node's own messages begin with the type, which is shown already.
  const said = message.startsWith(`${type}: `) ? message.slice(type.length + 2) : message;
  const whole = [`${type}: ${said}`, ...framesOf(stack).map(({ text }) => `    at ${text}`)];
  return (
    <section class="section error-card" aria-label="Error">
      <p class="failure">
        <strong>{type}</strong> {said}
      </p>
      <p class="chips">
        <Copy what="message" text={message} />
        <Copy what="error" text={whole.join("\n")} />
      </p>
      {/* A stack without frames is shown as received. */}
      {stack !== "" && <Stack stack={stack} editor={editor} />}
      {openSpans.length > 0 && (
        <section class="cause">
          <h3>What it was doing</h3>
          <ol class="frames">
            {openSpans.map((name) => (
              <li>{name}</li>
            ))}
          </ol>
        </section>
      )}
      {causes.map((cause) => (
        <section class="cause">
          <h3>Caused by</h3>
          <p class="failure">
            <strong>{cause.type}</strong> {cause.message}
          </p>
          {cause.stack !== "" && <Stack stack={cause.stack} editor={editor} />}
        </section>
      ))}
      {HIDDEN.test(message + stack) && (
        <p class="muted">
          Paths were taken out before this was sent. While only this machine receives it,{" "}
          <code>privacy: false</code> in <code>register</code> keeps them.
        </p>
      )}
    </section>
  );
}

/** The application's frames, then those of Node and packages, which are folded if the application has any. */
function Stack({ stack, editor }: Readonly<{ stack: string; editor: string }>) {
  const frames = framesOf(stack);
  const own = frames.filter(({ isOwn }) => isOwn);
  const others = frames.filter(({ isOwn }) => !isOwn);
  const list = (of: readonly Frame[]) => (
    <ol class="frames">
      {of.map(({ text, count, place }) => (
        <li>
          {place === undefined ? text : <a href={`${editor}://file/${fileOf(place)}`}>{text}</a>}
          {count > 1 && <span class="muted"> × {count}</span>}
        </li>
      ))}
    </ol>
  );
  return (
    <div class="stack" tabIndex={0} role="region" aria-label="Stack">
      {frames.length === 0 ? stack : list(own)}
      {others.length > 0 && (
        <details open={own.length === 0}>
          <summary>{others.length} of Node and packages</summary>
          {list(others)}
        </details>
      )}
    </div>
  );
}

function fileOf(place: string): string {
  return place
    .replaceAll("\\", "/")
    .replace(/^\//, "")
    .split("/")
    .map(encodeURIComponent)
    .join("/")
    .replaceAll("%3A", ":");
}

/** A button that copies `text` to the clipboard. */
export function Copy({ what, text }: Readonly<{ what: string; text: string }>) {
  const [done, setDone] = useState(false);
  const copy = (): void => {
    void navigator.clipboard.writeText(text).then(() => {
      setDone(true);
      setTimeout(() => setDone(false), COPIED_MS);
    });
  };
  return (
    <button type="button" class="copy" onClick={copy}>
      {done ? "Copied" : `Copy ${what}`}
    </button>
  );
}

/** A text with every occurrence of `find` marked, ignoring case. */
export function Marked({ text, find }: Readonly<{ text: string; find: string }>) {
  const at = find === "" ? -1 : text.toLowerCase().indexOf(find.toLowerCase());
  if (at < 0) return <>{text}</>;
  return (
    <>
      {text.slice(0, at)}
      <mark>{text.slice(at, at + find.length)}</mark>
      <Marked text={text.slice(at + find.length)} find={find} />
    </>
  );
}
