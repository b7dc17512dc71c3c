import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { ChangeFeed } from "./ChangeFeed.js";
import type { TraceStore } from "./TraceStore.js";
import { COMMON_HEADERS } from "./reply.js";

export interface Followed {
  readonly store: TraceStore;
  readonly feed: ChangeFeed;
  readonly heartbeatMs: number;
  readonly head: boolean;
}

/** Changes within this time are told as one: nobody sees more pictures a second. */
const TELL_EVERY_MS = 100;

/**
 * Server-sent events (HTML Standard, section 9.2): the revision of what is held, now and whenever it has changed.
 * A follower that does not read is told nothing more until it does, so it costs no memory.
 */
export function followChanges(
  response: ServerResponse,
  headers: OutgoingHttpHeaders,
  { store, feed, heartbeatMs, head }: Followed,
): void {
  response.writeHead(200, { ...COMMON_HEADERS, ...headers, "content-type": "text/event-stream" });
  if (head) {
    response.end();
    return;
  }
  let told = -1;
  let timer: NodeJS.Timeout | undefined;
  const tell = (): void => {
    timer = undefined;
    if (told === store.revision || response.writableNeedDrain) return;
    told = store.revision;
    response.write(`data: ${JSON.stringify({ revision: told })}\n\n`);
  };
  const unsubscribe = feed.subscribe(() => {
    if (told !== store.revision) timer ??= setTimeout(tell, TELL_EVERY_MS).unref();
  });
  const heartbeat = setInterval(
    () => response.writableNeedDrain || response.write(":\n\n"),
    heartbeatMs,
  ).unref();
  response.on("drain", tell);
  response.on("close", () => {
    unsubscribe();
    clearTimeout(timer);
    clearInterval(heartbeat);
  });
  tell();
}
