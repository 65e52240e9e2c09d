import { guardedLookup, refusedAddress, type Resolve } from '@tenure/outbound';
import { Webhook } from 'standardwebhooks';
import { Agent, fetch } from 'undici';
import { answerOfWebhook } from './answer-of-webhook.ts';
import { concurrency } from './concurrency.ts';
import type { Delivered } from '@tenure/mail';

/** Endpoint to which events are sent. */
export interface WebhookEndpoint {
  readonly url: string;
  /** `whsec_` and base64. */
  readonly secret: string;
}

/** Event, with ids only. */
export interface WebhookEvent {
  /** Same id for each attempt, so that a receiver can recognize a repetition. */
  readonly id: string;
  readonly type: string;
  /** When it happened (RFC 3339). */
  readonly timestamp: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Sends events to webhooks. */
export interface WebhookSender {
  /** @param now when this attempt is made, which is signed with it */
  send(endpoint: WebhookEndpoint, event: WebhookEvent, now: Date): Promise<Delivered>;
  close(): Promise<void>;
}

/** Milliseconds for one attempt. */
const whole = 10_000;

/**
 * Signed after Standard Webhooks 1.0; redirects are not followed, and the body of the answer is not read.
 * @param resolve DNS
 * @param patience milliseconds for one attempt, from the connection to the answer's headers
 */
export function createWebhookSender(resolve?: Resolve, patience = whole): WebhookSender {
  // Connections of each endpoint's own: two at one host would wait for each other.
  const agents = new Map<string, Agent>();
  const agentOf = (url: string): Agent => {
    const connect = { lookup: guardedLookup('own-network', resolve), timeout: patience };
    const agent = agents.get(url) ?? new Agent({ connect, connections: concurrency.webhook });
    agents.set(url, agent);
    return agent;
  };
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
      const signal = AbortSignal.timeout(patience);
      try {
        const answer = await fetch(address, { method: 'POST', redirect: 'manual', dispatcher: agentOf(url), signal, headers, body });
        return answerOfWebhook(answer, now);
      } catch {
        return { outcome: 'unavailable', code: signal.aborted ? 'TIMEOUT' : 'CONNECTION' };
      }
    },
    close: async () => void (await Promise.all([...agents.values()].map((agent) => agent.destroy()))),
  };
}
