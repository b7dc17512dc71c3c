/** @jest-config-loader esbuild-register */
import config from "./jest.config";

/** Where `npm run test:peers` has installed one version of each peer. */
const { PEER_MODULES } = process.env;
if (PEER_MODULES === undefined)
  throw new Error(
    "These specifications are run by `npm run test:peers`, which installs what they need.",
  );

/** Tests the sources of the carriers and handlers with other versions of the peers than those in node_modules. */
export default {
  ...config,
  // A machine may be slow while the other versions are installed and their suites run.
  testTimeout: 120_000,
  moduleNameMapper: {
    "^@opentelemetry/api$": `${PEER_MODULES}/@opentelemetry/api`,
    "^@grpc/grpc-js$": `${PEER_MODULES}/@grpc/grpc-js`,
    // By file, because `vscode-jsonrpc/node` is a file in version 8 and an export from version 9 on.
    "^vscode-jsonrpc/node(\\.js)?$": `${PEER_MODULES}/vscode-jsonrpc/lib/node/main.js`,
    ...config.moduleNameMapper,
  },
};
