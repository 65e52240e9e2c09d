import { guardedLookup, refusedAddress, type Resolve } from '@tenure/connectors/outbound-address';
import { Webhook } from 'standardwebhooks';
import { Agent, fetch } from 'undici';
import type { Delivered, WebhookEndpoint } from './settings.ts';

/** Something that happened, by ids. */
export interface WebhookEvent {
  /** The same for each attempt, so that whoever is told twice can tell. */
  readonly id: string;
  readonly type: string;
  /** When it happened (RFC 3339). */
  readonly timestamp: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Tells events to webhooks. */
export interface WebhookSender {
  /** @param now when this attempt is made, which is signed with it */
  send(endpoint: WebhookEndpoint, event: WebhookEvent, now: Date): Promise<Delivered>;
  close(): Promise<void>;
}

/** Milliseconds for one attempt. */
const patience = 10_000;

/** Signed after Standard Webhooks 1.0; redirects are not followed, and what is answered is not read. @param resolve DNS */
export function createWebhookSender(resolve?: Resolve): WebhookSender {
  const agent = new Agent({ connect: { lookup: guardedLookup('own-network', resolve), timeout: patience }, connections: 4 });
  return {
    async send({ url, secret }, { id, type, timestamp, data }, now) {
      const address = new URL(url);
      if (refusedAddress(address) !== null) return { outcome: 'refused', code: 'ADDRESS' };
      const body = JSON.stringify({ type, timestamp, data });
      const headers = {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
        'webhook-signature': new Webhook(secret).sign(id, now, body),
      };
      try {
        const answer = await fetch(address, { method: 'POST', redirect: 'manual', dispatcher: agent, signal: AbortSignal.timeout(patience), headers, body });
        await answer.body?.cancel();
        if (answer.status >= 200 && answer.status < 300) return { outcome: 'sent' };
        // 410: it wants no more of them (Standard Webhooks, "Deliverability and reliability").
        return { outcome: answer.status === 410 ? 'refused' : 'unavailable', code: `HTTP_${answer.status}` };
      } catch {
        return { outcome: 'unavailable', code: 'CONNECTION' };
      }
    },
    close: () => agent.destroy(),
  };
}
