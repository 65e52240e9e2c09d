import { open } from 'node:fs/promises';
import type { Configuration } from '@tenure/config';
import { createWebhookSender, type WebhookEndpoint, type WebhookSender } from '../notifications/webhook-sender.ts';
import { type AuditAnchor, anchorLine, anchorValue } from '@tenure/store';

/** Place outside of the database in which anchors are kept. */
export interface AnchorPlace {
  /** Name for logs. */
  readonly name: string;
  /** @throws Error when it is not kept there; it is tried again, in order */
  keep(anchor: AuditAnchor): Promise<void>;
}

/** A file that lines are added to; only its owner may read it. Several processes may share it. */
export function anchorFile(path: string): AnchorPlace {
  return {
    name: path,
    async keep(anchor) {
      const file = await open(path, 'a', 0o600);
      try {
        await file.appendFile(`${anchorLine(anchor)}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
    },
  };
}

/** A service elsewhere, to which anchors are sent by a signed call (Standard Webhooks) of type `audit-anchor`. */
export function anchorWebhook(name: string, endpoint: WebhookEndpoint, sender: Pick<WebhookSender, 'send'>): AnchorPlace {
  return {
    name: `webhook ${name}`,
    async keep(anchor) {
      const event = { id: `anchor_${anchor.mac.slice(0, 32)}`, type: 'audit-anchor', timestamp: anchor.at, data: { auditAnchor: anchorValue(anchor) } };
      const delivered = await sender.send(endpoint, event, new Date());
      if (delivered.outcome !== 'sent') throw new Error(`the webhook ${name} did not take it: ${delivered.code}`);
    },
  };
}

/**
 * The places of an installation: the log, a file and a webhook, as far as they are set.
 * @param file path; `null`: none
 * @param log writes a line of the process's log
 */
export function anchorPlaces(
  { audit: { anchorTo } = { anchorTo: null }, webhooks }: Pick<Configuration, 'audit' | 'webhooks'>,
  file: string | null,
  log: (line: Readonly<Record<string, unknown>>) => void,
): { readonly places: readonly AnchorPlace[]; close(): Promise<void> } {
  const sender = createWebhookSender();
  const webhook = anchorTo === null ? undefined : webhooks[anchorTo];
  const places: AnchorPlace[] = [{ name: 'log', keep: async (anchor) => log({ auditAnchor: anchorValue(anchor) }) }];
  if (file !== null) places.push(anchorFile(file));
  if (webhook !== undefined) places.push(anchorWebhook(webhook.name, webhook, sender));
  return { places, close: () => sender.close() };
}
