import fc from "fast-check";
import { createRedactor } from "../../lib/redaction/createRedactor.js";
import { APPLICATION, canaries, HOME, USER } from "./corpus/canaries.js";
import { harmless } from "./corpus/harmless.js";

const redactor = createRedactor({ applicationRoot: APPLICATION }, { home: HOME, user: USER });
const canary = fc.constantFrom(...canaries());
const calm = fc.constantFrom(
  ...harmless().filter((text) => /^[\w :.]*$/.test(text) && !text.includes("quist")),
);
/** Text made of the characters and words that mean something to the scanner. */
const dense = fc
  .array(
    fc.constantFrom(
      ...Array.from("/\\%@?#=:~-.'\"` \n\tab1Z<>()"),
      "%2F",
      "://",
      "home",
      "jane.quist",
      "C:",
      "ghp_",
      "eyJ",
      "at ",
      "password",
      "é",
      "🎉",
    ),
    { maxLength: 80 },
  )
  .map((parts) => parts.join(""));

describe("for any text", () => {
  it("redaction returns a string and never throws", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: "binary" }), dense),
        (text) => typeof redactor.text(text) === "string",
      ),
    );
  });

  it("a canary between ordinary words leaves nothing behind", () => {
    fc.assert(
      fc.property(
        calm,
        canary,
        calm,
        fc.constantFrom(" ", "\n", "\t", ", ", "; ", " | "),
        (before, { text, secrets }, after, between) => {
          const output = redactor.text([before, text, after].join(between)).toLowerCase();
          return secrets.every((secret) => !output.includes(secret.toLowerCase()));
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it.each([
    "password ",
    "password=",
    "password: ",
    "password := ",
    "password => ",
    "--password ",
    "--token=",
    "IDENTIFIED BY ",
    "Authorization: ",
    "machine example.com login anna password ",
  ])("a canary after %j leaves nothing behind", (name) => {
    const left = canaries().filter(({ text, secrets }) => {
      const output = redactor.text(`${name}${text} next`).toLowerCase();
      return secrets.some((secret) => output.includes(secret.toLowerCase()));
    });
    expect(left.map(({ text }) => text)).toEqual([]);
  });

  it("a canary anywhere in a nested value leaves nothing behind", () => {
    const value = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: "small" },
        canary.map(({ text }) => text),
        fc.string(),
        fc.integer(),
        fc.array(tie("tree"), { maxLength: 4 }),
        fc.dictionary(fc.string(), tie("tree"), { maxKeys: 4 }),
      ),
    })).tree;
    fc.assert(
      fc.property(value, (tree) => {
        const planted = canaries().filter(({ text }) =>
          JSON.stringify(tree).includes(JSON.stringify(text)),
        );
        const output = JSON.stringify(redactor.value(tree)).toLowerCase();
        return planted.every(({ secrets }) =>
          secrets.every((secret) => !output.includes(secret.toLowerCase())),
        );
      }),
    );
  });

  it("redacting it a second time changes nothing", () => {
    fc.assert(
      fc.property(canary, ({ text }) => {
        const once = redactor.text(text);
        expect(redactor.text(once)).toBe(once);
      }),
    );
  });

  it("attributes are returned as the same object exactly when no value changed", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.oneof(fc.string(), dense, fc.integer(), fc.boolean())),
        (attributes) => {
          const before = JSON.stringify(attributes);
          const redacted = redactor.attributes(attributes);
          expect(JSON.stringify(attributes)).toBe(before);
          expect(redacted === attributes).toBe(JSON.stringify(redacted) === before);
        },
      ),
    );
  });
});
