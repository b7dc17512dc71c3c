import { homedir, userInfo } from "node:os";
import { propagation, ROOT_CONTEXT } from "@opentelemetry/api";
import {
  defaultDistinctId,
  localUser,
  newSessionId,
  sessionIdOf,
} from "../../lib/resource/identity.js";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const from = (value: string): string =>
  sessionIdOf(
    propagation.setBaggage(ROOT_CONTEXT, propagation.createBaggage({ "session.id": { value } })),
  );

describe("the distinct id of a developer who has set none", () => {
  it.each<[Record<string, string>, string]>([
    [{ USER: "ada", USERNAME: "bob" }, "land-dev-ada"],
    [{ USER: " ada " }, "land-dev-ada"],
    [{ USER: " ", USERNAME: "bob" }, "land-dev-bob"],
    [{ USERNAME: "bob" }, "land-dev-bob"],
    // Mountain starts its children without either.
    [{ PATH: "/bin" }, `land-dev-${userInfo().username}`],
  ])("with the environment %j is %s", (environment, id) => {
    expect(defaultDistinctId(environment)).toBe(id);
    expect(localUser(environment)).toEqual({ user: id.slice("land-dev-".length), home: homedir() });
  });
});

describe("a new session id", () => {
  it("is a version 7 UUID with the current time", () => {
    const before = Date.now();
    const ids = Array.from({ length: 100 }, newSessionId);
    const times = ids.map((id) => Number.parseInt(id.replace("-", "").slice(0, 12), 16));
    expect(Math.min(...times)).toBeGreaterThanOrEqual(before);
    expect(Math.max(...times)).toBeLessThanOrEqual(Date.now());
    expect(new Set(ids).size).toBe(100);
    for (const id of ids) expect(id).toMatch(UUID);
  });
});

describe("the session id of a process", () => {
  it("is that of its parent, if the parent handed one down", () => {
    for (const id of ["12345678", "a_B-9xyz", "x".repeat(64)]) expect(from(id)).toBe(id);
  });

  it("is a new one each time, if the parent handed none down", () => {
    const ids = [
      sessionIdOf(ROOT_CONTEXT),
      sessionIdOf(ROOT_CONTEXT),
      sessionIdOf(propagation.setBaggage(ROOT_CONTEXT, propagation.createBaggage())),
    ];
    for (const id of ids) expect(id).toMatch(UUID);
    expect(new Set(ids).size).toBe(3);
  });

  it("has each of the four variant digits that a UUID may have, and no other", () => {
    const variants = Array.from({ length: 400 }, () => sessionIdOf(ROOT_CONTEXT).charAt(19));
    expect([...new Set(variants)].sort()).toEqual(["8", "9", "a", "b"]);
  });

  it.each([
    "",
    "1234567",
    "x".repeat(65),
    "with blanks in it",
    "<script>alert(1)</script>",
    "12345678\n",
    "ümlaut-12345",
  ])("is a new one instead of %p", (value) => {
    expect(from(value)).toMatch(UUID);
  });
});
