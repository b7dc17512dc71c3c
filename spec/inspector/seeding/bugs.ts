/** A bug in the tiers example: a likely slip in the source, and what an agent has to find. */
export interface SeededBug {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** The tool that an agent is asked to use for it, with its arguments; sessions are filled in. */
  readonly ask: readonly [tool: string, given?: Readonly<Record<string, string>>];
  /** What one item of the answer has to say: where, and why. */
  readonly span: string;
  readonly tier: string;
  readonly cause: RegExp;
}

const BOTH_RUNS = { before: "healthy", after: "seeded" };

export const SEEDED_BUGS: Readonly<Record<string, SeededBug>> = {
  "a digest that does not exist": {
    file: "hashTree.mjs",
    from: `createHash("sha256")`,
    to: `createHash("sha265")`,
    ask: ["list_errors"],
    span: "land:air:tree:hash",
    tier: "air",
    cause: /Digest method not supported.*hashTree\.mjs:\d+/,
  },
  "a property of undefined": {
    file: "searchFiles.mjs",
    from: "[extension.name]",
    to: "[extension.manifest.name]",
    ask: ["list_errors"],
    span: "land:cocoon:files:search",
    tier: "cocoon",
    cause: /Cannot read properties of undefined \(reading 'name'\).*searchFiles\.mjs:\d+/,
  },
  "an error behind another one": {
    file: "readWorkspaceFile.mjs",
    from: `"utf8"));`,
    to: `"utf8").catch((cause) => { throw new Error("the settings are unreadable", { cause }); }));`,
    ask: ["list_errors"],
    span: "land:cocoon:file:read",
    tier: "cocoon",
    cause: /the settings are unreadable.*"causes":\[\{[^}]*ENOENT/,
  },
  "a call that the service does not have": {
    file: "vine.mjs",
    from: `AirService: { request: "ProcessMountainRequest"`,
    to: `AirService: { request: "ProcessCocoonRequest"`,
    ask: ["list_errors"],
    span: "land:mountain:ipc:invoke",
    tier: "mountain",
    cause: /client\[name\] is not a function.*connectVine\.mjs:\d+/,
  },
  "a rejection that nobody handles, which ends a tier": {
    file: "hashTree.mjs",
    from: "const root = inWorkspace(directory);",
    to: `const root = inWorkspace(directory); void Promise.reject(new Error("the index is stale"));`,
    ask: ["list_errors"],
    span: "land:air:error",
    tier: "air",
    cause: /the index is stale.*hashTree\.mjs:\d+/,
  },
  "a time limit that is too short": {
    file: "mountain.mjs",
    from: "stripPayload(call.params), signal)",
    to: `stripPayload(call.params), call.command === "tree:hash" ? AbortSignal.timeout(1) : signal)`,
    ask: ["search", { query: "land.cancelled=true rpc.method=$hashTree" }],
    span: "$hashTree",
    tier: "air",
    cause: /"land\.cancelled":true/,
  },
  "an error that is swallowed": {
    file: "scanExtensions.mjs",
    from: `"package.json"`,
    to: `"package.jsn"`,
    ask: ["search", { query: "land.files=0" }],
    span: "land:cocoon:files:search",
    tier: "cocoon",
    cause: /"land\.files":0/,
  },
  "a wait in the wrong place": {
    file: "hashTree.mjs",
    from: "const entries = await",
    to: "await new Promise((resolve) => setTimeout(resolve, 400)); const entries = await",
    ask: ["compare_runs", BOTH_RUNS],
    span: "air: land:air:tree:list",
    tier: "air",
    cause: /"after":\{"count":1,"errors":0,"roots":0,"medianMs":\d+(\.\d+)?,"ownMs":[4-9]\d\d/,
  },
  "a message for each item instead of one for all": {
    file: "cocoon.mjs",
    from: `await notify("extensions:scanned"`,
    to: `for (const _ of extensions.slice(0, 25)) await notify("extensions:scanned"`,
    ask: ["compare_runs", BOTH_RUNS],
    span: "mountain: land:mountain:event:emit",
    tier: "mountain",
    cause: /"before":\{"count":2,.*"after":\{"count":26,/,
  },
  "a context that is not passed on": {
    file: "mountain.mjs",
    from: "payload: injectPayload(payload)",
    to: "payload",
    ask: ["compare_runs", BOTH_RUNS],
    span: "sky: land:sky:event:handle",
    tier: "sky",
    cause: /"before":\{"count":2,"errors":0,"roots":0,.*"after":\{"count":2,"errors":0,"roots":2,/,
  },
};
