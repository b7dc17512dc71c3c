import type { HttpResult, HttpTransportSettings } from "../../../delivery/HttpTransport.js";
import { attempt } from "../../../shared/attempt.js";
import { untraced } from "../../../shared/untraced.js";
import type { Relay } from "../../page.js";
import { page } from "../../page.js";
import { Buffer } from "../Buffer.js";
import { clearTimeout, setTimeout } from "../node/timers.js";

export type {
  HttpReply,
  HttpResult,
  HttpTransportSettings,
} from "../../../delivery/HttpTransport.js";

/** Maximum bytes read of a reply, not counting the rest of the chunk in which the limit is exceeded. */
export const MAX_REPLY_BYTES = 64 * 1024;
/** Total bytes that browsers allow in requests that outlive their page, less room for the headers. */
const MAX_KEPT_ALIVE = 60_000;
/** After this many failures of a relay that has never worked, `fetch` is used instead. */
const RELAY_DOUBTS = 3;

/** Sends requests to one URL, by the host's relay or by `fetch`. */
export class HttpTransport {
  readonly #settings: HttpTransportSettings;
  readonly #active = new Set<AbortController>();
  #relayFailures = 0;

  constructor(settings: HttpTransportSettings) {
    this.#settings = settings;
    for (const url of addresses(settings.url)) page.ours.add(url.origin);
  }

  get inFlight(): number {
    return this.#active.size;
  }

  /** Sends one POST. Resolves within the timeout and never rejects. */
  async post(body: Uint8Array | string, contentType: string): Promise<HttpResult> {
    const controller = new AbortController();
    const { signal } = controller;
    this.#active.add(controller);
    const timer = setTimeout(() => controller.abort("timeout"), this.#settings.timeoutMillis);
    const aborted = new Promise<HttpResult>((resolve) => {
      signal.addEventListener("abort", () => resolve({ failure: String(signal.reason) }));
    });
    try {
      const answer = untraced(() => this.#send(body, contentType, signal));
      return await Promise.race([aborted, answer]);
    } catch {
      return { failure: "network" };
    } finally {
      clearTimeout(timer);
      this.#active.delete(controller);
    }
  }

  prepare(): Promise<void> {
    return Promise.resolve();
  }

  cancelLookups(): void {
    // The browser resolves names itself.
  }

  /** Ends every request with the failure `aborted`. Requests that outlive the page continue. */
  close(): void {
    for (const controller of this.#active) controller.abort("aborted");
  }

  async #send(
    body: Uint8Array | string,
    contentType: string,
    signal: AbortSignal,
  ): Promise<HttpResult> {
    const { relay } = page;
    if (relay === undefined || this.#relayFailures >= RELAY_DOUBTS)
      return this.#fetch(body, contentType, signal);
    try {
      await this.#relayed(relay, body);
      this.#relayFailures = -Infinity;
      return { reply: { status: 200, headers: {}, body: Buffer.from("{}") as never, cut: false } };
    } catch {
      this.#relayFailures += 1;
      return { failure: "relay" };
    }
  }

  /** The relay's result is ignored unless it is `false`, which means that the other tier does not take the body. */
  async #relayed(relay: Relay, body: Uint8Array | string): Promise<void> {
    const text = typeof body === "string" ? body : new TextDecoder().decode(body);
    if ((await relay(text)) === false) throw new Error("refused");
  }

  async #fetch(
    body: Uint8Array | string,
    contentType: string,
    signal: AbortSignal,
  ): Promise<HttpResult> {
    const candidates = addresses(this.#settings.url);
    if (candidates.length === 0) return { failure: "invalid_url" };
    const url = candidates.find(({ origin }) => !page.refused.has(origin));
    if (url === undefined) return { failure: "policy" };
    const size = Buffer.byteLength(body);
    const keepalive = page.isHiding && page.keptAlive + size <= MAX_KEPT_ALIVE;
    if (keepalive) page.keptAlive += size;
    try {
      const response = await fetch(url, {
        method: "POST",
        body: body as BodyInit,
        headers: { ...(await this.#settings.headers()), "content-type": contentType },
        // No cookies, no address of the page, no reply from a cache and no redirects.
        credentials: "omit",
        referrerPolicy: "no-referrer",
        cache: "no-store",
        redirect: "error",
        keepalive,
        // A request that outlives the page must not be aborted when the page ends.
        ...(keepalive ? {} : { signal }),
      });
      const { text, cut } = await readStart(response);
      const headers: Record<string, string> = {};
      for (const name of ["retry-after", "content-type"]) {
        const value = response.headers.get(name);
        if (value !== null) headers[name] = value;
      }
      const reply = { status: response.status, headers, body: Buffer.from(text) as never, cut };
      return { reply };
    } catch {
      return { failure: page.refused.has(url.origin) ? "policy" : "network" };
    } finally {
      if (keepalive) page.keptAlive -= size;
    }
  }
}

/** The start of a reply's body, and whether there was more: an endpoint may send an endless one. */
async function readStart(response: Response): Promise<{ text: string; cut: boolean }> {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (let size = 0; reader !== undefined && size <= MAX_REPLY_BYTES;) {
    const { done, value } = await reader.read();
    if (done) return { text: text + decoder.decode(), cut: false };
    size += value.byteLength;
    text += decoder.decode(value, { stream: true });
  }
  void reader?.cancel().catch(() => undefined);
  return { text, cut: reader !== undefined };
}

/**
 * The URLs that reach an endpoint, in the order to try them. Pages' policies name this machine `localhost`, which the
 * browser resolves itself; a request to `127.0.0.1` would violate them.
 */
function addresses(text: string): URL[] {
  const url = attempt(() => new URL(text));
  if (url === undefined) return [];
  if (url.hostname !== "127.0.0.1") return [url];
  const local = new URL(url);
  local.hostname = "localhost";
  return [local, url];
}
