/* One file of the rest of a page's telemetry: what redaction looks for. */
export { COMMANDS } from "../../redaction/tables/forms.js";
export { NAMES } from "../../redaction/tables/names.js";
export { ROOTS } from "../../redaction/tables/places.js";
export { TOKENS } from "../../redaction/tables/tokens.js";
