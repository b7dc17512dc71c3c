/* One file of the rest of a page's telemetry: redaction. */
export { createRedactor } from "../../redaction/createRedactor.js";
export { redactSpan } from "../../redaction/redactSpan.js";
