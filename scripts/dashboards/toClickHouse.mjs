/**
 * A query of HogQL as ClickHouse has it, in the few places where ours differ: properties are read from JSON, as text that
 * is null where there is none, and `toFloat` gives null for what is no number.
 */
export function toClickHouse(query) {
  return query
    .replaceAll(/\bproperties\.(\$?\w+)/g, (_all, key) => {
      const raw = `nullIf(nullIf(JSONExtractRaw(properties, '${key}'), ''), 'null')`;
      return `if(JSONType(properties, '${key}') = 'String', JSONExtractString(properties, '${key}'), ${raw})`;
    })
    .replaceAll(/\btoFloat\(/g, "toFloat64OrNull(");
}

/** Where the events are. */
export const TABLE =
  "CREATE TABLE events (event String, timestamp DateTime64(3, 'UTC'), distinct_id String, uuid String, properties String) ENGINE = Memory";
