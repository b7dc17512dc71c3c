/** A request that is answered with a status and a reason instead of being taken in. */
export class HttpProblem extends Error {
  constructor(
    readonly status: number,
    reason: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(reason);
    this.name = "HttpProblem";
  }
}
