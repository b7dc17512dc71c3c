export type { Certificates } from "../../../config/readCertificates.js";

/** A browser has its own authorities, and takes none from a page. */
export const readCertificates = () => ({ certificates: {}, unusable: undefined });
