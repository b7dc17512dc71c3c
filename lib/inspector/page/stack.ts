/** One line of a stack. */
export interface Frame {
  readonly text: string;
  /** How many times it occurs in a row. */
  readonly count: number;
  /** Whether it belongs to the application and not to Node or a package. */
  readonly isOwn: boolean;
  /** `/path/file.js:line:column`, if the path is absolute. */
  readonly place: string | undefined;
}

const FRAME = /^\s*at /;
const FOREIGN = /\bnode:|node_modules[\\/]|\(<anonymous>\)|\(native\)|\bwasm:/;
const PLACE = /(?:^|[\s(])(?:file:\/\/)?((?:\/|[A-Za-z]:[\\/])[^()]*:\d+(?::\d+)?)\)?$/;

/** The frames of a stack, with repeated ones merged. Leaves out the message before them, which is shown elsewhere. */
export function framesOf(stack: string): readonly Frame[] {
  const frames: Frame[] = [];
  for (const line of stack.split("\n").filter((each) => FRAME.test(each))) {
    const text = line.replace(FRAME, "").trim();
    const before = frames.at(-1);
    if (before?.text === text) frames[frames.length - 1] = { ...before, count: before.count + 1 };
    else frames.push({ text, count: 1, isOwn: !FOREIGN.test(text), place: PLACE.exec(text)?.[1] });
  }
  return frames;
}
