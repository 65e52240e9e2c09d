/** Milliseconds: whatever a receiver asks for, it is tried again within the hour. */
const longest = 3_600_000;

/**
 * How long a receiver asks to be left alone (Retry-After, RFC 9110 section 10.2.3: seconds, or a date).
 * @returns milliseconds, an hour at most; `null` where it asks for nothing, or cannot be understood
 */
export function pauseAsked(retryAfter: string | null, now: Date): number | null {
  if (retryAfter === null) return null;
  const text = retryAfter.trim();
  // A date as HTTP writes it begins with the day of the week; anything else that Date.parse takes is none.
  const asked = /^\d{1,12}$/.test(text) ? Number(text) * 1000 : /^[A-Z][a-z]{2},/.test(text) ? Date.parse(text) - now.getTime() : Number.NaN;
  return asked > 0 ? Math.min(asked, longest) : null;
}
