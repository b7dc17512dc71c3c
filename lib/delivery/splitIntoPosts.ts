import type { Parcel } from "./Parcel.js";
import { parcelBytes } from "./Parcel.js";

/** Cuts parcels into groups that each fit one request, of one content type; a parcel larger than the bound goes alone. */
export function splitIntoPosts(
  parcels: readonly Parcel[],
  maxParcels: number,
  maxBytes: number,
): Parcel[][] {
  const groups: Parcel[][] = [];
  let group: Parcel[] = [];
  let bytes = 0;
  for (const parcel of parcels) {
    const size = parcelBytes(parcel);
    if (
      group.length > 0 &&
      (group.length >= maxParcels ||
        bytes + size > maxBytes ||
        parcel.contentType !== group[0]?.contentType)
    ) {
      groups.push(group);
      group = [];
      bytes = 0;
    }
    group.push(parcel);
    bytes += size;
  }
  if (group.length > 0) groups.push(group);
  return groups;
}
