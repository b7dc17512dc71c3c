import { framesOf } from "../../../lib/inspector/page/stack.js";

it("collapses equal consecutive frames into one, without the message above them", () => {
  const stack = `RangeError: deep\nof it\n    at walk (/app/walk.js:3:9)\n    at walk (/app/walk.js:3:9)\n    at run (/app/run.js:1:2)\n    at walk (/app/walk.js:3:9)`;
  expect(framesOf(stack).map(({ text, count }) => [text, count])).toEqual([
    ["walk (/app/walk.js:3:9)", 2],
    ["run (/app/run.js:1:2)", 1],
    ["walk (/app/walk.js:3:9)", 1],
  ]);
  expect(framesOf("Error: none")).toEqual([]);
});

it.each([
  ["run (/app/run.js:1:2)", true, "/app/run.js:1:2"],
  ["file:///app/run.mjs:10:2", true, "/app/run.mjs:10:2"],
  ["async Promise.all (index 0)", true, undefined],
  ["run (C:\\app\\run.js:1:2)", true, "C:\\app\\run.js:1:2"],
  ["run (https://tauri.localhost/app.js:1:2)", true, undefined],
  ["emit (node:events:518:28)", false, undefined],
  ["get (/app/node_modules/got/index.js:4:5)", false, "/app/node_modules/got/index.js:4:5"],
  ["new Promise (<anonymous>)", false, undefined],
])("says whether the frame %s is the application's own, and where it is", (text, isOwn, place) =>
  expect(framesOf(`Error\n    at ${text}`)).toEqual([{ text, count: 1, isOwn, place }]),
);
