import type { Verdict } from "../../lib/recorder/judgeRun";
import { judgeRun } from "../../lib/recorder/judgeRun";
import { formatLine } from "../../lib/recorder/recordLine";
import { parseRun } from "../../lib/recorder/runRecord";

const AT = 1_795_000_000_000;
const START = {
  v: 1,
  owner: { pid: 7, started: "9", namespace: "1", boot: "ab", thread: 0 },
  tier: "cocoon",
  version: "1.0.0",
  session: "s",
  at: AT,
  sees: true,
};
type Words = Readonly<Record<string, unknown>>;
type Witness = Readonly<Record<string, unknown>>;
const words = (how: string, more: Words = {}): Words => ({
  how,
  final: true,
  at: AT + 10,
  ...more,
});
const seen = (more: Witness): Witness => ({ expected: false, at: AT + 20, ...more });
const UNCAUGHT = words("uncaught", { final: false, error: "TypeError" });
const SIGNAL = words("signal", { final: false, signal: "SIGTERM" });

/** Each end: what the process says, what its parent sees, the verdict without and with that witness. */
const ENDS: readonly (readonly [string, Words | undefined, Witness, string, string])[] = [
  ["natural end", words("exit", { code: 0 }), { code: 0 }, "exit", "exit"],
  ["exit(3)", words("exit", { code: 3 }), { code: 3 }, "exit", "exit"],
  ["exit(134) by itself", words("exit", { code: 134 }), { code: 134 }, "exit", "exit"],
  ["reallyExit(4)", undefined, { code: 4 }, "unknown", "exit"],
  ["uncaught", words("uncaught", { code: 1 }), { code: 1 }, "uncaught", "uncaught"],
  ["uncaught, then silence", UNCAUGHT, { code: 7 }, "uncaught", "uncaught"],
  ["uncaught, then a fault", UNCAUGHT, { signal: "SIGSEGV" }, "uncaught", "fault"],
  ["uncaught, exit(0) by a listener", UNCAUGHT, { code: 0 }, "uncaught", "exit"],
  ["SIGTERM", words("signal", { signal: "SIGTERM" }), { signal: "SIGTERM" }, "signal", "signal"],
  ["SIGINT", words("signal", { signal: "SIGINT" }), { signal: "SIGINT" }, "signal", "signal"],
  [
    "SIGHUP of a logout",
    words("signal", { signal: "SIGHUP" }),
    { signal: "SIGHUP" },
    "signal",
    "signal",
  ],
  [
    "SIGTERM, exit by a listener",
    words("signal", { signal: "SIGTERM", code: 0 }),
    { code: 0 },
    "signal",
    "exit",
  ],
  ["SIGTERM, then silence", SIGNAL, { signal: "SIGKILL" }, "signal", "killed"],
  ["SIGKILL", undefined, { signal: "SIGKILL" }, "unknown", "killed"],
  ["SIGKILL by a shell's status", undefined, { code: 137 }, "unknown", "killed"],
  ["abort", undefined, { signal: "SIGABRT" }, "unknown", "fault"],
  ["abort by a shell's status", undefined, { code: 134 }, "unknown", "fault"],
  ["SEGV", undefined, { signal: "SIGSEGV" }, "unknown", "fault"],
  ["out of memory", undefined, { signal: "SIGABRT" }, "unknown", "fault"],
  ["bus error", undefined, { signal: "SIGBUS" }, "unknown", "fault"],
  ["illegal instruction", undefined, { signal: "SIGILL" }, "unknown", "fault"],
  ["Windows' access violation", undefined, { code: 0xc0000005 }, "unknown", "fault"],
  ["Windows' Ctrl+C", undefined, { code: 0xc000013a }, "unknown", "exit"],
  ["shutdown of telemetry", words("shutdown"), { code: 0 }, "shutdown", "exit"],
];
const CRASHES = ["uncaught", "fault"];

function judge(lines: readonly object[], isOfThisBoot = true, modifiedAt = AT + 30): Verdict {
  const bytes = Buffer.from([{ start: START }, ...lines].map(formatLine).join(""));
  const record = parseRun(bytes, modifiedAt);
  if (record === undefined) throw new Error("The file cannot be read.");
  return judgeRun(record, isOfThisBoot);
}

describe("judgeRun", () => {
  it.each(ENDS)("judges what is said and witnessed: %s", (_, said, witness, alone, witnessed) => {
    const lines = said === undefined ? [] : [{ words: said }];
    expect(judge(lines)).toMatchObject({
      endedBy: alone,
      crashed: CRASHES.includes(alone),
      vanished: alone === "unknown",
      witness: false,
    });
    const withWitness = [...lines, { witness: seen(witness) }];
    expect(judge(withWitness)).toMatchObject({
      endedBy: witnessed,
      crashed: CRASHES.includes(witnessed),
      vanished: witnessed === "killed",
      witness: true,
      ...witness,
    });
    // The parent killed it on purpose, as when a window is reloaded.
    const expected = [...lines, { witness: seen({ ...witness, expected: true }) }];
    expect(judge(expected)).toMatchObject({ endedBy: "expected", crashed: false, vanished: false });
    // The machine has restarted; what the process said before that still counts.
    const rebooted = judge(lines, false);
    const isSaid = said?.["final"] === true || said?.["how"] === "uncaught";
    expect(rebooted.endedBy).toBe(isSaid ? alone : "reboot");
    expect(rebooted.vanished).toBe(false);
  });

  it("ignores an error or a signal that the process survived", () => {
    expect(judge([{ words: UNCAUGHT }, { survived: true }]).endedBy).toBe("unknown");
    // The process gave a sign of life long afterwards.
    expect(judge([{ words: UNCAUGHT }], true, AT + 60_000).endedBy).toBe("unknown");
    expect(judge([{ words: SIGNAL }], true, AT + 60_000).endedBy).toBe("unknown");
  });

  it("does not treat silence as a loss if the process cannot observe its end", () => {
    const bytes = Buffer.from(formatLine({ start: { ...START, sees: false } }));
    const record = parseRun(bytes, AT);
    expect(record && judgeRun(record, true)).toMatchObject({ endedBy: "unknown", vanished: false });
  });
});

describe("parseRun", () => {
  const whole = [
    { start: START },
    { launched: true },
    { words: words("uncaught", { code: 1, error: "TypeError" }) },
    { witness: seen({ code: 1 }) },
  ];
  const bytes = Buffer.from(whole.map(formatLine).join(""));

  it("reads the complete lines of a file, at whatever byte it was torn", () => {
    const ends = whole.map(
      (_, i) =>
        whole
          .slice(0, i + 1)
          .map(formatLine)
          .join("").length - 1,
    );
    for (let length = 0; length <= bytes.length; length++) {
      const record = parseRun(bytes.subarray(0, length), AT + 30);
      const lines = ends.filter((end) => end <= length).length;
      expect([record !== undefined, record?.launched === true]).toEqual([lines >= 1, lines >= 2]);
      expect(record?.words !== undefined).toBe(lines >= 3);
      expect(record?.witness !== undefined).toBe(lines >= 4);
    }
  });

  it("accepts no line in which a byte has changed", () => {
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      const record = parseRun(changed, AT + 30);
      // Whether the checksum or the content has changed, the line is left out.
      expect(record?.start ?? START).toEqual(START);
      expect(record?.witness ?? seen({ code: 1 })).toEqual(seen({ code: 1 }));
    }
  });

  it.each([
    ["another version", { start: { ...START, v: 2 } }],
    ["a member of another type", { start: { ...START, at: "now" } }],
    ["no owner", { start: { ...START, owner: null } }],
    ["nothing of ours", { hello: 1 }],
  ])("rejects a file with %s", (_, line) => {
    expect(parseRun(Buffer.from(formatLine(line)), AT)).toBeUndefined();
  });

  it("keeps the last sign of life even if others write to the file later", () => {
    const later = Buffer.from(
      [{ start: START }, { seen: AT + 5 }, { reported: {} }].map(formatLine).join(""),
    );
    expect(parseRun(later, AT + 90_000)?.seenAt).toBe(AT + 5);
  });
});
