import tseslint from "typescript-eslint";
import { createNodeResolver, importX } from "eslint-plugin-import-x";

/**
 * The folders of lib/ are layers, lowest first. A folder imports from itself and from lower layers; folders of the same
 * layer do not import from each other. Files directly in lib/ may import from all of them, and so may lib/web, which
 * wires a page as lib/register.ts wires a process; nothing imports from lib/web.
 */
const LAYERS = [
  ["shared"],
  ["resource", "redaction"],
  ["config", "failures"],
  ["propagation", "delivery"],
  ["recorder"],
  ["tracing", "carriers", "posthog", "inspector"],
  ["handlers"],
  ["api", "release"],
  // Tools that run beside the application; no other folder imports from them.
  ["cli", "plugin"],
];

/** Exceptions: files directly in lib/ that a folder may import. `spool send` reports deaths as a process does. */
const FILES = { cli: ["FlightRecorder.ts"] };

const zones = LAYERS.flatMap((folders, index) =>
  folders.map((folder) => ({
    target: `./lib/${folder}`,
    from: "./lib",
    except: [folder, ...(FILES[folder] ?? []), ...LAYERS.slice(0, index).flat()].map(
      (allowed) => `./${allowed}`,
    ),
    message: `lib/${folder} may import only from itself and from lower layers.`,
  })),
);

function untracedOnly(name) {
  return {
    name,
    message: "Use lib/shared/fs.ts, whose calls the host's instrumentation does not trace.",
  };
}

export default tseslint.config(
  { ignores: ["dist/", "node_modules/", "coverage/", ".cache/", "docs/api/"] },
  {
    files: ["**/*.{ts,tsx}"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    plugins: { "import-x": importX },
    rules: {
      "@typescript-eslint/consistent-type-imports": [
        "error",
        { fixStyle: "separate-type-imports", disallowTypeAnnotations: false },
      ],
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      "@typescript-eslint/dot-notation": "off",
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-unnecessary-condition": [
        "error",
        { allowConstantLoopConditions: true },
      ],
    },
  },
  {
    files: ["lib/**/*.{ts,tsx}"],
    rules: {
      "no-console": "error",
      "no-restricted-globals": [
        "error",
        ...["setTimeout", "setInterval", "setImmediate"].map((name) => ({
          name,
          message: "A host's tests may have faked it: import it from lib/shared/timers.ts.",
        })),
      ],
      "no-restricted-syntax": [
        "error",
        { selector: "ExportDefaultDeclaration", message: "Named exports only." },
        { selector: "ExportAllDeclaration", message: "No barrels: export by name." },
        {
          selector: "BinaryExpression[operator='instanceof'][right.name=/^(Error|Map|Set)$/]",
          message: "Values of another realm are not instances: use node:util/types or duck typing.",
        },
      ],
      "no-restricted-imports": [
        "error",
        { paths: ["node:fs", "node:fs/promises"].map(untracedOnly) },
      ],
      "import-x/no-restricted-paths": ["error", { zones }],
    },
    settings: {
      "import-x/resolver-next": [
        createNodeResolver({ extensionAlias: { ".js": [".ts", ".tsx", ".js"] } }),
      ],
    },
  },
  {
    // Code that serves requests, draws a page or runs as a command has no host whose tests could fake its timers.
    files: ["lib/{cli,inspector,plugin}/**/*.{ts,tsx}"],
    rules: { "no-restricted-globals": "off" },
  },
  {
    files: ["lib/shared/fs.ts", "lib/cli/**", "lib/plugin/**"],
    rules: { "no-restricted-imports": "off" },
  },
  {
    files: ["spec/**/*.ts"],
    rules: {
      // `expect.any(…)` and similar matchers are typed `any`, and specifications throw what a careless host throws.
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/only-throw-error": "off",
      // Methods are taken off their objects to be watched, and put back.
      "@typescript-eslint/unbound-method": "off",
      "@typescript-eslint/no-base-to-string": "off",
      "@typescript-eslint/prefer-promise-reject-errors": "off",
      "no-restricted-syntax": [
        "error",
        {
          selector:
            "CallExpression[callee.property.name='toMatchObject'] Property > ObjectExpression[properties.length=0]",
          message: "It matches any object: use `exactly({})` from spec/support/exactly.ts.",
        },
      ],
    },
  },
  { files: ["**/*.mjs", "**/*.js", "**/*.cjs"], extends: [tseslint.configs.disableTypeChecked] },
);
