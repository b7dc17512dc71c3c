/** @jest-config-loader esbuild-register */
import type { Config } from "jest";

/** Types are checked once, by `npm run types`; the tests only need the type syntax removed. */
const SYNTAX_ONLY = {
  module: "commonjs",
  moduleResolution: "node10",
  ignoreDeprecations: "6.0",
  target: "es2022",
  esModuleInterop: true,
  isolatedModules: true,
};

const config: Config = {
  testEnvironment: "node",
  roots: ["<rootDir>/spec"],
  testMatch: ["**/*.spec.ts"],
  // The sources import with the extension of the built file, as Node's ESM loader requires.
  moduleNameMapper: { "^(\\.{1,2}/.*)\\.js$": "$1" },
  transform: {
    "^.+\\.ts$": ["ts-jest", { tsconfig: SYNTAX_ONLY }],
    // The official exporter loads `http` for its agents by `import()`, which Jest does not support.
    "/otlp-node-http-configuration\\.js$": [
      "ts-jest",
      { tsconfig: { ...SYNTAX_ONLY, allowJs: true, rootDir: "." } },
    ],
  },
  transformIgnorePatterns: ["/node_modules/(?!@opentelemetry/otlp-exporter-base/)"],
  testTimeout: 30_000,
  // One per core: much of the time is spent in child processes, and by default Jest leaves one core out.
  maxWorkers: "100%",
};

export default config;
