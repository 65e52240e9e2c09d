import type { Configuration } from '@tenure/config';
import type { Receiver, Store } from '@tenure/store';

/** Receivers of notifications, each served apart from the others: the mail server, and each webhook. */
export function receiversOf({ mail, webhooks }: Pick<Configuration, 'mail' | 'webhooks'>): readonly Receiver[] {
  const endpoints = Object.keys(webhooks).map((endpoint): Receiver => ({ channel: 'webhook', endpoint }));
  return mail === null ? endpoints : [{ channel: 'mail', endpoint: '' }, ...endpoints];
}

/** Receivers that are configured no longer, where something still waits for them. */
export async function formerReceivers(store: Store, { mail, webhooks }: Pick<Configuration, 'mail' | 'webhooks'>): Promise<readonly Receiver[]> {
  const endpoints = await store.read((tx) => tx.notifications.otherEndpoints(Object.keys(webhooks)));
  const former = endpoints.map((endpoint): Receiver => ({ channel: 'webhook', endpoint }));
  return mail === null ? [{ channel: 'mail', endpoint: '' }, ...former] : former;
}
