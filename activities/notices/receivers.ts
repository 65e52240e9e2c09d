import type { Configuration } from '@tenure/config';
import { MAIL_CONNECTIONS } from '@tenure/notices';
import type { Receiver } from '@tenure/store';

/** Calls of one webhook that one worker makes at a time. */
const calls = 4;

/** Everywhere that notifications are delivered to: the mail server, also where there is none, and each webhook. */
export function receiversOf({ webhooks }: Pick<Configuration, 'webhooks'>): readonly Receiver[] {
  return [{ channel: 'mail', endpoint: '' }, ...Object.values(webhooks).map(({ name }): Receiver => ({ channel: 'webhook', endpoint: name }))];
}

/** How many deliveries one worker has in hand for a receiver. */
export function handsFor({ channel }: Receiver): number {
  return channel === 'mail' ? MAIL_CONNECTIONS : calls;
}
