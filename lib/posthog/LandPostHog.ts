import { PostHog } from "posthog-node";
import { PACKAGE_NAME, PACKAGE_VERSION } from "../resource/packageVersion.js";
import type { MirrorEvent } from "./MirrorEvent.js";

/** The part of posthog-node that the pipe uses. */
export interface EventClient {
  enqueue(event: MirrorEvent): void;
  /** Hands the queue over now; its outcome is the courier's. */
  flush(): void;
  stop(): void;
}

/** Settings of the client; `take` gets the identities of the events that are due. */
export interface EventClientOptions {
  readonly key: string;
  readonly host: string;
  readonly flushAt: number;
  readonly flushInterval: number;
  readonly take: (uuids: readonly string[]) => void;
}

/**
 * posthog-node with its own sending taken out at its public seam, the `fetch` option: its queue, window and batch
 * stay, and every way in which it loses, prints or blocks (all of them answers to a failed request) is closed,
 * because its requests never fail.
 */
class LandPostHog extends PostHog {
  override getLibraryId(): string {
    return PACKAGE_NAME;
  }

  override getLibraryVersion(): string {
    return PACKAGE_VERSION;
  }
}

/** Makes the one client of this process. */
export function createEventClient(options: EventClientOptions): EventClient {
  const client = withoutCaptureMode(
    () =>
      new LandPostHog(options.key, {
        host: options.host,
        flushAt: options.flushAt,
        // posthog-node raises its batch to flushAt silently; say so here.
        maxBatchSize: Math.max(options.flushAt, 100),
        flushInterval: options.flushInterval,
        disableCompression: true,
        fetchRetryCount: 0,
        isServer: false,
        fetch: (_url, request) => {
          options.take(readUuids(request.body));
          return Promise.resolve({
            status: 200,
            text: () => Promise.resolve("{}"),
            json: () => Promise.resolve({}),
            headers: { get: () => null },
          });
        },
      }),
  );
  return {
    enqueue: ({ event, distinctId, uuid, timestamp }) => {
      // Only the identity goes in: the body was serialised once, when the event was captured.
      client.capture({ event, distinctId, uuid, timestamp: new Date(timestamp) });
    },
    flush: () => {
      client.flush().catch(() => undefined);
    },
    stop: () => {
      client.shutdown(0).catch(() => undefined);
    },
  };
}

function readUuids(body: unknown): string[] {
  if (typeof body !== "string") return [];
  const { batch } = JSON.parse(body) as { batch?: readonly { uuid?: unknown }[] };
  return (batch ?? []).map(({ uuid }) => uuid).filter((uuid) => typeof uuid === "string");
}

/** `POSTHOG_CAPTURE_MODE=v1` would switch the client to an endpoint that loses events when it is offline. */
function withoutCaptureMode<T>(make: () => T): T {
  const mode = process.env["POSTHOG_CAPTURE_MODE"];
  if (mode === undefined) return make();
  delete process.env["POSTHOG_CAPTURE_MODE"];
  try {
    return make();
  } finally {
    process.env["POSTHOG_CAPTURE_MODE"] = mode;
  }
}
