import tseslint from "typescript-eslint";
import { createNodeResolver, importX } from "eslint-plugin-import-x";

/**
 * The rooms of lib/, lowest first. A room imports from itself and from rooms of a lower rank;
 * rooms of equal rank are siblings and do not see each other. Files directly in lib/ wire the rooms.
 */
const RANKS = [
  ["shared"],
  ["resource", "redaction"],
  ["config", "failures"],
  ["propagation", "delivery"],
  ["tracing", "carriers", "posthog", "inspector"],
  ["handlers"],
  ["api", "release"],
  // Tools beside the application, which no room knows.
  ["cli", "plugin"],
];

const zones = RANKS.flatMap((rooms, rank) =>
  rooms.map((room) => ({
    target: `./lib/${room}`,
    from: "./lib",
    except: [room, ...RANKS.slice(0, rank).flat()].map((allowed) => `./${allowed}`),
    message: `lib/${room} may import only from itself and from the rooms below it.`,
  })),
);

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
      "no-restricted-syntax": [
        "error",
        { selector: "ExportDefaultDeclaration", message: "Named exports only." },
        { selector: "ExportAllDeclaration", message: "No barrels: export by name." },
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
    files: ["spec/**/*.ts"],
    rules: {
      // `expect.any(…)` and its kind are typed `any`, and specifications throw what a careless host throws.
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/only-throw-error": "off",
      // Methods are taken from their objects to be watched, and put back.
      "@typescript-eslint/unbound-method": "off",
      "@typescript-eslint/no-base-to-string": "off",
      "@typescript-eslint/prefer-promise-reject-errors": "off",
    },
  },
  { files: ["**/*.mjs", "**/*.js", "**/*.cjs"], extends: [tseslint.configs.disableTypeChecked] },
);
