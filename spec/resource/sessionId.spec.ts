import { propagation, ROOT_CONTEXT } from "@opentelemetry/api";
import { sessionIdOf } from "../../lib/resource/sessionId.js";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const from = (value: string): string =>
  sessionIdOf(
    propagation.setBaggage(ROOT_CONTEXT, propagation.createBaggage({ "session.id": { value } })),
  );

describe("the session of a process", () => {
  it("is that of its parent, when the parent has handed one down", () => {
    for (const id of ["12345678", "a_B-9xyz", "x".repeat(64)]) expect(from(id)).toBe(id);
  });

  it("is a new one each time, when it has not", () => {
    const ids = [
      sessionIdOf(ROOT_CONTEXT),
      sessionIdOf(ROOT_CONTEXT),
      sessionIdOf(propagation.setBaggage(ROOT_CONTEXT, propagation.createBaggage())),
    ];
    for (const id of ids) expect(id).toMatch(UUID);
    expect(new Set(ids).size).toBe(3);
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
