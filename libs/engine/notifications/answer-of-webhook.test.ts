import { describe, expect, it } from '@jest/globals';
import { answerOfWebhook } from './answer-of-webhook.ts';

const now = new Date('2026-03-02T09:00:00.000Z');

/** Plays a connection that breaks when the headers have come and before the body is dropped. */
const broken = (): ReadableStream => new ReadableStream({ start: (controller) => controller.error(new Error('terminated')) });
/** Plays a connection whose end is never reported. */
const endless = (): ReadableStream => new ReadableStream({ cancel: () => new Promise(() => undefined) });

describe('the answer to a webhook', () => {
  for (const [how, body] of [
    ['breaks', broken],
    ['never ends', endless],
  ] as const)
    it.each([
      [200, { outcome: 'sent' }],
      [202, { outcome: 'sent' }],
      [410, { outcome: 'refused', code: 'HTTP_410' }],
      [409, { outcome: 'deferred', code: 'HTTP_409' }],
      [503, { outcome: 'unavailable', code: 'HTTP_503', retryAfter: 120_000 }],
    ] as const)(`counts by its status %s though its body ${how}: what was taken is not sent again`, async (status, expected) => {
      const unhandled: unknown[] = [];
      const note = (error: unknown): void => void unhandled.push(error);
      process.on('unhandledRejection', note);
      const headers = status === 503 ? { 'retry-after': '120' } : {};
      expect(answerOfWebhook(new Response(body(), { status, headers }), now)).toEqual(expected);
      await new Promise((resolve) => setImmediate(resolve));
      process.off('unhandledRejection', note);
      expect(unhandled).toEqual([]);
    });
});
