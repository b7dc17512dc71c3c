/** @jest-config-loader esbuild-register */
import config from "./jest.config";

/** The page in a real browser: apart from the other specifications, which need nothing but Node. */
export default { ...config, testMatch: ["**/*.browser.ts"], testTimeout: 90_000 };
