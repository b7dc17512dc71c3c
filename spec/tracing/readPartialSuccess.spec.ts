import { readPartialSuccess } from "../../lib/tracing/readPartialSuccess.js";

describe("the reply of a collector that took a batch", () => {
  it.each<[string, object]>([
    [
      '{"partialSuccess":{"rejectedSpans":3,"errorMessage":"too old"}}',
      { rejected: 3, message: "too old" },
    ],
    ['{"partialSuccess":{"rejectedSpans":"3"}}', { rejected: 3 }],
    ['{"partialSuccess":{"errorMessage":"a warning"}}', { rejected: 0, message: "a warning" }],
    ['{"partialSuccess":{"rejectedSpans":"0","errorMessage":""}}', { rejected: 0 }],
    ['{"partialSuccess":{"errorMessage":5}}', { rejected: 0 }],
    ['{"partialSuccess":{}}', { rejected: 0 }],
    ['{"partialSuccess":null}', { rejected: 0 }],
    ['{"partialSuccess":{"rejectedSpans":-1}}', { rejected: 0 }],
    ['{"partialSuccess":{"rejectedSpans":1.5}}', { rejected: 0 }],
    ['{"partialSuccess":{"rejectedSpans":"many"}}', { rejected: 0 }],
    ['{"partialSuccess":{"rejectedSpans":1e300}}', { rejected: 0 }],
    ["{}", { rejected: 0 }],
    ["", { rejected: 0 }],
    ["OK", { rejected: 0 }],
    ['"partialSuccess"', { rejected: 0 }],
    ["partialSuccess, but no JSON", { rejected: 0 }],
    ['["partialSuccess"]', { rejected: 0 }],
  ])("%s", (body, expected) => {
    expect(readPartialSuccess(200, body)).toEqual(expected);
    expect(readPartialSuccess(200, new Uint8Array(Buffer.from(body)))).toEqual(expected);
  });
});
