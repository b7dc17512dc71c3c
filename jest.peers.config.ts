/** @jest-config-loader esbuild-register */
import config from "./jest.config";

/** Where `npm run test:peers` has installed one version of each peer. */
const { PEER_MODULES } = process.env;
if (PEER_MODULES === undefined)
  throw new Error(
    "These specifications are run by `npm run test:peers`, which installs what they need.",
  );

/** The sources of the carriers and handlers on other versions of the peers than those in node_modules. */
export default {
  ...config,
  // Beside the installations and suites of the other versions a machine may be slow.
  testTimeout: 120_000,
  moduleNameMapper: {
    "^@opentelemetry/api$": `${PEER_MODULES}/@opentelemetry/api`,
    "^@grpc/grpc-js$": `${PEER_MODULES}/@grpc/grpc-js`,
    // By its file: `vscode-jsonrpc/node` is a file in 8, and an export from 9 on.
    "^vscode-jsonrpc/node(\\.js)?$": `${PEER_MODULES}/vscode-jsonrpc/lib/node/main.js`,
    ...config.moduleNameMapper,
  },
};
