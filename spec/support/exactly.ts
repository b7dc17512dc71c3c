import { isDeepStrictEqual } from "node:util";

/** For `toMatchObject`, in which `{}` matches any object: matches an equal value only. */
export function exactly(expected: object): unknown {
  return {
    $$typeof: Symbol.for("jest.asymmetricMatcher"),
    asymmetricMatch: (actual: unknown) => isDeepStrictEqual(actual, expected),
    toAsymmetricMatcher: () => `exactly ${JSON.stringify(expected)}`,
    toString: () => "exactly",
    getExpectedType: () => "object",
  };
}
