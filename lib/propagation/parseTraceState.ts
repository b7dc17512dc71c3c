/** "There can be a maximum of 32 list-members in a list." */
export const MAX_MEMBERS = 32;
/**
 * What is propagated at most. The specification asks for at least 512 characters; 8,192 is the bound of
 * baggage, and both together still fit the header limits of Node's HTTP servers and of gRPC.
 */
const MAX_LENGTH = 8_192;
/** Members above this go first when a list is too long ("Entries larger than 128 characters"). */
const LARGE_MEMBER = 128;
/** A longer header is not looked at: no legal list needs it (32 members of 513 characters, and white space). */
const MAX_SCANNED = 32_768;

/** key "=" value of Trace Context Level 2, where `@` is an ordinary character of a key. */
const MEMBER =
  /^[a-z0-9][a-z0-9_\-*/@]{0,255}=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/** Whether a text is one legal list member. */
export function isTraceStateMember(text: string): boolean {
  return MEMBER.test(text);
}

/** A legal list: its members in order, and its text where that is known without writing it again. */
export interface ParsedTraceState {
  readonly members: ReadonlyMap<string, string>;
  readonly text?: string;
}

/**
 * Reads a tracestate header, or several that make one. Undefined when there are no members, or when
 * anything in it is illegal: an invalid list is discarded whole, because what remains of it could not be
 * told from a legal one. Of members with the same key the first, the most recent, is kept.
 */
export function parseTraceState(value: unknown): ParsedTraceState | undefined {
  const text = joined(value);
  if (text === undefined || text.length > MAX_SCANNED) return undefined;
  const members = new Map<string, string>();
  let count = 0;
  let length = -1;
  for (const item of text.split(",")) {
    const member = trimOptionalSpace(item);
    if (member === "") continue;
    if (++count > MAX_MEMBERS || !MEMBER.test(member)) return undefined;
    const separator = member.indexOf("=");
    const key = member.slice(0, separator);
    if (members.has(key)) continue;
    members.set(key, member.slice(separator + 1));
    length += member.length + 1;
  }
  if (members.size === 0) return undefined;
  if (length > MAX_LENGTH) return { members: shortened(members, length) };
  // As long as its members and their commas: then there is nothing else in it.
  return length === text.length ? { members, text } : { members };
}

/** Takes whole members away, large ones first and then from the end, until the list fits. */
function shortened(members: Map<string, string>, length: number): ReadonlyMap<string, string> {
  const fromTheEnd = Array.from(members).reverse();
  for (const threshold of [LARGE_MEMBER, 0]) {
    for (const [key, value] of fromTheEnd) {
      const size = key.length + value.length + 1;
      if (length <= MAX_LENGTH) return members;
      if (size > threshold && members.delete(key)) length -= size + 1;
    }
  }
  return members;
}

function joined(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (!Array.isArray(value)) return undefined;
  let text = "";
  for (const part of value as unknown[]) {
    if (typeof part !== "string" || text.length > MAX_SCANNED) return undefined;
    text += text === "" ? part : `,${part}`;
  }
  return text;
}

function trimOptionalSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isOptionalSpace(text.charCodeAt(start))) start++;
  while (end > start && isOptionalSpace(text.charCodeAt(end - 1))) end--;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

function isOptionalSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
