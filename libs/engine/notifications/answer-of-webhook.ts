import type { Delivered } from '@tenure/mail';

/** Answers that are about this event and not the receiver: malformed, in conflict, too large, of a kind that it does not read. */
const aboutEvent: readonly number[] = [400, 409, 413, 415, 422];

/** Parts of an answer that are evaluated, of whichever library. */
export interface WebhookAnswer {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: { cancel(): Promise<void> } | null;
}

/**
 * Outcome of a call by the status of its answer. The body is dropped unread, and an error in it changes nothing: an event that was accepted (2xx) is
 * not sent again because the connection broke behind the headers.
 * @param now when the call was made: a date in Retry-After counts from it
 */
export function answerOfWebhook({ status, headers, body }: WebhookAnswer, now: Date): Delivered {
  body?.cancel().catch(() => undefined);
  const code = `HTTP_${status}`;
  if (status >= 200 && status < 300) return { outcome: 'sent' };
  // 410: it wants no more of them (Standard Webhooks, "Deliverability and reliability").
  if (status === 410) return { outcome: 'refused', code };
  if (aboutEvent.includes(status)) return { outcome: 'deferred', code };
  const asked = askedPause(headers.get('retry-after'), now);
  return { outcome: 'unavailable', code, ...(asked === null ? {} : { retryAfter: asked }) };
}

/** Milliseconds that a receiver asks for (Retry-After, RFC 9110 section 10.2.3: seconds or a date); `null`: none. */
export function askedPause(header: string | null, now: Date): number | null {
  if (header === null) return null;
  const asked = /^\d{1,6}$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now.getTime();
  return asked > 0 ? asked : null;
}
