import { readRecording } from "../server/readRecording.js";
import { formatCount } from "./format.js";

const PATHS = { otlp: "/v1/traces", posthog: "/batch/" } as const;

/** Gives what files hold to the receiver, as if it had just been sent; resolves to a sentence about it. */
export async function openRecordings(files: Iterable<File>): Promise<string> {
  let opened = 0;
  let refused = 0;
  for (const file of files) {
    const { bodies, unread } = readRecording(await file.text());
    refused += unread;
    for (const { pipe, contentType, body } of bodies) {
      const content = typeof body === "string" ? body : new Blob([new Uint8Array(body)]);
      const response = await fetch(PATHS[pipe], {
        method: "POST",
        headers: { "content-type": contentType },
        body: content,
      });
      if (response.ok) opened++;
      else refused++;
    }
  }
  const failure =
    refused === 0
      ? ""
      : ` ${formatCount(refused, "line was", "lines were")} nothing that could be read.`;
  return `Opened ${formatCount(opened, "request")}.${failure}`;
}
