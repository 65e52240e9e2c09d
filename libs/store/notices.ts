import { randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { NewNotice, NoticeRecipient } from '@tenure/domain';
import type { ActContext } from './audit.ts';
import { run } from './statement.ts';

export interface Notices {
  /**
   * Writes down what somebody is to be told, in the transaction that makes it true. What was written of the same kind, key and recipient
   * before stays the only one, so this may be called again for the same thing.
   */
  add(...notices: readonly NewNotice[]): Promise<void>;
}

const addNotices = `insert into notice (id, kind, key, recipient, about, data, correlation_id, created_at)
  select id, kind, key, recipient, about, data, $2, $3 from jsonb_to_recordset($1::jsonb) r (id uuid, kind text, key text, recipient text, about jsonb, data jsonb)
  order by key, kind, recipient on conflict do nothing`;

export function createNotices(em: EntityManager, { correlationId, now }: Pick<ActContext, 'correlationId' | 'now'>): Notices {
  return {
    async add(...notices) {
      if (notices.length === 0) return;
      const rows = notices.map(({ recipient, ...notice }) => ({ ...notice, id: randomUUID(), recipient: recipientText(recipient) }));
      await run(em, addNotices, [JSON.stringify(rows), correlationId, now]);
    },
  };
}

/** One text for each recipient, so that an index can tell two of them apart. */
export function recipientText(recipient: NoticeRecipient): string {
  if ('identityId' in recipient) return `identity/${recipient.identityId}`;
  if ('role' in recipient) return `role/${recipient.role}`;
  return `${recipient.relation}/${recipient.of}`;
}
