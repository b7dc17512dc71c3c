export type { Certificates } from "../../../config/readCertificates.js";

/** Browsers have their own certificate authorities and accept none from a page. */
export const readCertificates = () => ({ certificates: {}, unusable: undefined });
