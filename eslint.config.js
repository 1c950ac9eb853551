// Lint rules: type-aware correctness, module boundaries, determinism, size. Format is Biome's job.
import boundaries from "eslint-plugin-boundaries";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

/** Folder → element type. Anchored at the root, so test/edge/track is "test". */
const ELEMENTS = [
  ["protocol", "protocol"],
  ["config", "config"],
  ["models", "models"],
  ["edge-pure", "edge/{gate,ground,track,rules}"],
  ["edge-io", "edge/{ingest,infer,evidence,uplink,health,plan}"],
  ["unlisted", "edge/*"], // A new folder must be named above: no policy admits this type.
  ["edge-root", "edge"],
  ["brain-pure", "brain/{correlate,cases}"],
  ["brain-store", "brain/store"],
  ["brain-audit", "brain/audit"],
  [
    "brain-io",
    "brain/{intake,casework,reports,dispatch,directory,jobs,accounts,nodes,retention,api}",
  ],
  ["unlisted", "brain/*"],
  ["brain-root", "brain"],
  ["console", "console"],
  ["demo", "demo"],
  ["scripts", "scripts"],
  ["bench", "bench"],
  ["test", "test"],
].map(([type, pattern]) => ({ type, pattern, partialMatch: false }));

const allow = (from, to, extra = {}) => ({
  from: { element: { type: from } },
  allow: { to: { element: { type: to, ...extra } } },
});
const ENTRY = { fileInternalPath: "index.ts" }; // A module is entered through its index only.
const EDGE = ["edge-pure", "edge-io", "edge-root"];
const BRAIN = ["brain-pure", "brain-store", "brain-audit", "brain-io", "brain-root"];

export default tseslint.config(
  {
    ignores: [
      "**/*.js",
      "**/*.mjs",
      "dist/**",
      ".cache/**",
      ".data/**",
      "coverage/**",
      "**/vite.config.ts",
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        project: ["./tsconfig.json", "./console/tsconfig.json"],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      "max-lines": ["error", { max: 400, skipBlankLines: true, skipComments: true }],
      "max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }],
      "no-console": "error",
      curly: "error",
      eqeqeq: "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/explicit-module-boundary-types": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-deprecated": [
        "error",
        // Marked so that it stands out: without TLS, on loopback only.
        { allow: [{ from: "package", package: "openid-client", name: "allowInsecureRequests" }] },
      ],
      "@typescript-eslint/only-throw-error": "off", // Abort reasons are rethrown as they came.
      "@typescript-eslint/prefer-promise-reject-errors": "off",
      "@typescript-eslint/unbound-method": "off",
    },
  },
  {
    plugins: { boundaries },
    settings: {
      "import/resolver": { typescript: { alwaysTryTypes: true } },
      "boundaries/elements": ELEMENTS,
    },
    rules: {
      "boundaries/dependencies": [
        "error",
        {
          default: "disallow",
          policies: [
            allow(["config", "models"], "protocol"),
            allow("config", "config"),
            allow(["edge-pure", "edge-io", "edge-root"], ["protocol", "config", "models"]),
            allow(EDGE, "edge-pure", ENTRY),
            allow("edge-root", "edge-io", ENTRY),
            allow("edge-root", "edge-root"),
            allow(BRAIN, ["protocol", "config"]),
            allow(BRAIN, "brain-pure", ENTRY),
            allow(["brain-audit", "brain-io", "brain-root"], "brain-store", ENTRY),
            allow(["brain-io", "brain-root"], "brain-audit", ENTRY),
            allow("brain-root", "brain-io", ENTRY),
            allow("brain-root", "brain-root"),
            allow("console", "protocol"),
            allow("demo", ["protocol", "config", "models", "demo"]),
            allow("scripts", ["protocol", "config", "models"]),
            allow(["bench", "test"], "*"),
          ],
        },
      ],
    },
  },
  {
    // Below the composition roots: no ambient time, randomness or environment.
    files: ["edge/*/**/*.ts", "brain/*/**/*.ts"],
    rules: {
      "no-restricted-properties": [
        "error",
        { object: "Date", property: "now", message: "Take a Clock (protocol/time.ts)." },
        { object: "Math", property: "random", message: "Take a random source as an argument." },
        {
          object: "process",
          property: "env",
          message: "Only a composition root reads the environment.",
        },
      ],
      "no-restricted-globals": ["error", "setTimeout", "setInterval"],
    },
  },
  {
    files: ["protocol/**/*.ts", "console/**/*.{ts,tsx}"],
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: [{ group: ["node:*"], message: "This code also runs in a browser." }] },
      ],
    },
  },
  {
    files: ["console/**/*.tsx"],
    plugins: { "react-hooks": reactHooks },
    rules: {
      ...reactHooks.configs.recommended.rules,
      "@typescript-eslint/explicit-module-boundary-types": "off",
    },
  },
  {
    // Command lines print; tests group many small cases in one describe.
    files: ["scripts/**/*.ts", "bench/**/*.ts", "demo/**/*.ts", "models/main.ts", "test/**/*.ts"],
    rules: { "no-console": "off" },
  },
  { files: ["test/**/*.ts", "console/**/*.test.ts"], rules: { "max-lines-per-function": "off" } },
);
