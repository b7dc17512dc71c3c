/** What stands in the place of what was taken out, where more than one rule says it. */
export const TOKEN = "<token>";
export const SECRET = "<secret>";
export const REDACTED = "<redacted>";
