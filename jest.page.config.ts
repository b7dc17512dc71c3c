/** @jest-config-loader esbuild-register */
import config from "./jest.config";

/** The page in a real browser, kept apart from the other specifications, which need only Node. */
export default { ...config, testMatch: ["**/*.browser.ts"], testTimeout: 90_000 };
