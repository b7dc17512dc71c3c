/**
 * Translates a HogQL query for ClickHouse, in the few places where our queries differ: properties are read from JSON,
 * as strings that are null if there is no such property, and `toFloat` gives null for what is not a number.
 */
export function toClickHouse(query) {
  return query
    .replaceAll(/\bproperties\.(\$?\w+)/g, (_all, key) => {
      const raw = `nullIf(nullIf(JSONExtractRaw(properties, '${key}'), ''), 'null')`;
      return `if(JSONType(properties, '${key}') = 'String', JSONExtractString(properties, '${key}'), ${raw})`;
    })
    .replaceAll(/\btoFloat\(/g, "toFloat64OrNull(");
}

/** Creates the table of the events. */
export const TABLE =
  "CREATE TABLE events (event String, timestamp DateTime64(3, 'UTC'), distinct_id String, uuid String, properties String) ENGINE = Memory";
