import { guardedLookup, refusedAddress, type Resolve } from '@tenure/connectors/outbound-address';
import { Webhook } from 'standardwebhooks';
import { Agent, fetch } from 'undici';
import { concurrency, type Delivered, type WebhookEndpoint } from './settings.ts';

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
const whole = 10_000;

/** Answers that are about this event and not the receiver: malformed, in conflict, too large, of a kind that it does not read. */
const aboutEvent: readonly number[] = [400, 409, 413, 415, 422];

/**
 * Signed after Standard Webhooks 1.0; redirects are not followed, and what is answered is not read.
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
        await answer.body?.cancel();
        const { status } = answer;
        const code = `HTTP_${status}`;
        if (status >= 200 && status < 300) return { outcome: 'sent' };
        // 410: it wants no more of them (Standard Webhooks, "Deliverability and reliability").
        if (status === 410) return { outcome: 'refused', code };
        if (aboutEvent.includes(status)) return { outcome: 'deferred', code };
        const asked = askedPause(answer.headers.get('retry-after'), now);
        return { outcome: 'unavailable', code, ...(asked === null ? {} : { retryAfter: asked }) };
      } catch {
        return { outcome: 'unavailable', code: signal.aborted ? 'TIMEOUT' : 'CONNECTION' };
      }
    },
    close: async () => void (await Promise.all([...agents.values()].map((agent) => agent.destroy()))),
  };
}

/** Milliseconds that a receiver asks for (Retry-After, RFC 9110 section 10.2.3: seconds or a date); `null`: none. */
function askedPause(header: string | null, now: Date): number | null {
  if (header === null) return null;
  const asked = /^\d{1,6}$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now.getTime();
  return asked > 0 ? asked : null;
}
