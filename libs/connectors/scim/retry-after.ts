const longest = 24 * 3600 * 1000;

/**
 * Reads the header Retry-After (RFC 9110 section 10.2.3): seconds, or an HTTP date.
 * @param now milliseconds since 1970
 * @returns milliseconds to wait, a day at most; `null` when the header is absent or unusable
 */
export function retryAfter(header: string | undefined, now: number): number | null {
  const text = header?.trim() ?? '';
  if (/^\d{1,10}$/.test(text)) return Math.min(Number(text) * 1000, longest);
  // Date.parse accepts much that is no HTTP date ("1"), so the weekday and the zone are required.
  if (!/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? .*\d{2}:\d{2}:\d{2}/.test(text)) return null;
  const at = Date.parse(/GMT$/.test(text) ? text : `${text} GMT`);
  return Number.isNaN(at) ? null : Math.min(Math.max(at - now, 0), longest);
}
