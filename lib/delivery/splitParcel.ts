import type { CourierOptions } from "./CourierOptions.js";
import type { Parcel } from "./Parcel.js";
import { countOf } from "./Parcel.js";

/** Cuts a parcel by the pipe's own `split`; undefined when it cannot, or when the books would not balance after it. */
export function splitParcel(
  parcel: Parcel,
  options: CourierOptions,
): readonly Parcel[] | undefined {
  let parts: readonly Parcel[] | undefined;
  try {
    parts = options.split?.(parcel);
  } catch {
    return undefined;
  }
  return parts === undefined || parts.length < 2 || countOf(parts) !== parcel.count
    ? undefined
    : parts;
}
