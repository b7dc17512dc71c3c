/** @jest-config-loader esbuild-register */
import config from "./jest.config";

/** Where `npm run test:sdk3` has installed SDK 3.x. */
const { SDK3_MODULES } = process.env;
if (SDK3_MODULES === undefined)
  throw new Error(
    "These specifications are run by `npm run test:sdk3`, which installs what they need.",
  );

/** Tests the sources of the pipes, the mirror and the propagator with the SDK's 3.x line instead of 2.x. */
export default {
  ...config,
  moduleNameMapper: {
    "^@opentelemetry/sdk-trace-base$": "<rootDir>/spec/sdk3/sdkTraceBase.cjs",
    "^@opentelemetry/(.*)$": `${SDK3_MODULES}/@opentelemetry/$1`,
    ...config.moduleNameMapper,
  },
};
