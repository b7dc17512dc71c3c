/** This package's name, as `$lib`, `telemetry.distro.name` and the log lines spell it. */
export const PACKAGE_NAME = "land-telemetry";
/** This package's version; a spec checks that it equals the one in package.json. */
export const PACKAGE_VERSION = "0.1.0";

/** The `User-Agent` of this package's requests (RFC 9110, section 10.1.5). */
export const USER_AGENT = `${PACKAGE_NAME}/${PACKAGE_VERSION}`;
