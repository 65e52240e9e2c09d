import type { Instant } from '@tenure/domain';

const DATE_TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/**
 * Converts an xs:dateTime (SAML core 1.3.3) to an instant. SAML requires UTC; an offset is accepted too, a local time is not.
 * @returns null when the text is no date and time
 */
export function readInstant(text: string): Instant | null {
  const parts = DATE_TIME.exec(text.trim());
  if (parts === null) return null;
  const [, seconds, fraction = '', zone = 'Z'] = parts;
  const milliseconds = Date.parse(`${seconds}${fraction.slice(0, 4)}${zone}`);
  return Number.isNaN(milliseconds) ? null : new Date(milliseconds).toISOString();
}
