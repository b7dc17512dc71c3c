import { diagnoseSetting } from "../shared/diagnose.js";

type Environment = Readonly<Record<string, string | undefined>>;
type Limit =
  | "attributeCountLimit"
  | "attributeValueLengthLimit"
  | "eventCountLimit"
  | "linkCountLimit"
  | "attributePerEventCountLimit"
  | "attributePerLinkCountLimit";

/** By limit, the variables of the SDK specification ("Span Limits", "Attribute Limits"); the first that is set counts. */
const VARIABLES: readonly (readonly [limit: Limit, ...names: string[]])[] = [
  ["attributeCountLimit", "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT"],
  [
    "attributeValueLengthLimit",
    "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT",
    "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
  ],
  ["eventCountLimit", "OTEL_SPAN_EVENT_COUNT_LIMIT"],
  ["linkCountLimit", "OTEL_SPAN_LINK_COUNT_LIMIT"],
  [
    "attributePerEventCountLimit",
    "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_SPAN_ATTRIBUTE_PER_EVENT_COUNT_LIMIT",
  ],
  [
    "attributePerLinkCountLimit",
    "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_SPAN_ATTRIBUTE_PER_LINK_COUNT_LIMIT",
  ],
];

/** The limits of spans that the environment sets; the SDK has a default for each of the others. */
export function readSpanLimits(environment: Environment): Partial<Record<Limit, number>> {
  const limits: Partial<Record<Limit, number>> = {};
  for (const [limit, ...names] of VARIABLES) {
    for (const name of names) {
      const value = readLimit(name, environment[name]);
      if (value === undefined) continue;
      limits[limit] = value;
      break;
    }
  }
  return limits;
}

function readLimit(name: string, value: string | undefined): number | undefined {
  const text = value?.trim() ?? "";
  if (text === "") return undefined;
  const limit = Number(text);
  if (Number.isSafeInteger(limit) && limit >= 0) return limit;
  diagnoseSetting(name, value, "a whole number from 0", "It is taken as unset.");
  return undefined;
}
