import { homedir, userInfo } from "node:os";
import { defaultDistinctId, localUser } from "../../lib/resource/distinctId.js";

describe("the distinct id of a developer who has set none", () => {
  it.each<[Record<string, string>, string]>([
    [{ USER: "ada", USERNAME: "bob" }, "land-dev-ada"],
    [{ USER: " ada " }, "land-dev-ada"],
    [{ USER: " ", USERNAME: "bob" }, "land-dev-bob"],
    [{ USERNAME: "bob" }, "land-dev-bob"],
    // Mountain starts its children without either.
    [{ PATH: "/bin" }, `land-dev-${userInfo().username}`],
  ])("in %j is %s", (environment, id) => {
    expect(defaultDistinctId(environment)).toBe(id);
    expect(localUser(environment)).toEqual({ user: id.slice("land-dev-".length), home: homedir() });
  });
});
