/**
 * The pause that a `Retry-After` header asks for, in ms: a number of seconds or an HTTP date (RFC 9110,
 * section 10.2.3). Undefined when there is none or it cannot be read; never negative.
 */
export function retryAfter(
  header: string | undefined,
  now: number = Date.now(),
): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (/^\d{1,10}$/.test(text)) return Number(text) * 1_000;
  const date = Date.parse(text);
  return Number.isNaN(date) || !/[a-z]/i.test(text) ? undefined : Math.max(0, date - now);
}
