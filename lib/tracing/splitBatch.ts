import type { Parcel } from "../delivery/Parcel.js";
import { randomUuid } from "../shared/builtins.js";

interface Request {
  readonly resourceSpans: readonly ResourceSpans[];
}
interface ResourceSpans {
  readonly scopeSpans: readonly ScopeSpans[];
}
interface ScopeSpans {
  readonly spans: readonly unknown[];
}

/**
 * Cuts a JSON batch in two by its spans, for a far end that found it too large (OTLP does not bound a request, proxies
 * in front of a collector do: nginx takes 1 MB unless told otherwise). Each half keeps the resource and the scopes.
 *
 * @returns Undefined for a single span, and for a body of another form, as that of protobuf.
 */
export function splitBatch(parcel: Parcel): readonly Parcel[] | undefined {
  const { body, count } = parcel;
  if (count < 2) return undefined;
  const request = JSON.parse(
    typeof body === "string" ? body : Buffer.from(body).toString("utf8"),
  ) as Request;
  const middle = count >> 1;
  return [
    {
      ...parcel,
      id: randomUuid(),
      count: middle,
      body: JSON.stringify(partOf(request, 0, middle)),
    },
    {
      ...parcel,
      id: randomUuid(),
      count: count - middle,
      body: JSON.stringify(partOf(request, middle, count)),
    },
  ];
}

/** The spans from one position in the whole request to another. */
function partOf({ resourceSpans, ...request }: Request, from: number, to: number): Request {
  let position = 0;
  const cut = ({ spans, ...scope }: ScopeSpans): ScopeSpans => {
    const start = position;
    position += spans.length;
    return { ...scope, spans: spans.slice(Math.max(0, from - start), Math.max(0, to - start)) };
  };
  return {
    ...request,
    resourceSpans: resourceSpans
      .map(({ scopeSpans, ...resource }) => ({
        ...resource,
        scopeSpans: scopeSpans.map(cut).filter(({ spans }) => spans.length > 0),
      }))
      .filter(({ scopeSpans }) => scopeSpans.length > 0),
  };
}
