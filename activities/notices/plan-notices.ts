import type { MailSettings } from '@tenure/config';
import { addDuration, type Notice, type NoticeKind, nextTimeOfDay, subtractDuration } from '@tenure/domain';
import type { NewDelivery, Store, StoredIdentity, Transaction } from '@tenure/store';
import type { Loop } from '../loop.ts';
import { recipientsOf } from './recipients.ts';

/** Notices that are looked at in one transaction. */
const batch = 100;

/** What a digest stands for. */
const aboutApprovals: readonly NoticeKind[] = ['approval-asked', 'approval-reminder'];

/** Finds out whom new notices mean, and writes down each mail and each call of a webhook that is to be made. @returns how many notices there were */
export async function planNotices({ store, loop, clock }: { readonly store: Store; readonly loop: Loop; readonly clock: () => string }): Promise<number> {
  const context = { actor: { kind: 'system', id: 'notices' }, correlationId: 'notices', now: clock() } as const;
  return store.transaction(context, async (tx) => {
    const notices = await tx.notices.takeNew(batch);
    // One after another: how many mails somebody gets today depends on those before.
    for (const notice of notices) {
      const mails = loop.configuration.mail === null ? [] : await mailsOf(tx, loop, loop.configuration.mail, notice);
      await tx.notices.plan([notice.id], [...callsOf(tx, loop, notice), ...mails]);
    }
    return notices.length;
  });
}

function callsOf(tx: Transaction, { configuration }: Loop, { id, kind, key }: Notice): readonly NewDelivery[] {
  return Object.values(configuration.webhooks)
    .filter(({ events }) => events.includes(kind))
    .map(({ name }) => ({ noticeId: id, kind, key, channel: 'webhook', endpoint: name, recipientId: null, dueAt: tx.context.now }));
}

async function mailsOf(tx: Transaction, loop: Loop, mail: MailSettings, notice: Notice): Promise<readonly NewDelivery[]> {
  const { now } = tx.context;
  const mails: NewDelivery[] = [];
  for (const person of await recipientsOf(tx, loop, notice)) {
    const usual = { noticeId: notice.id, channel: 'mail', endpoint: '', recipientId: person.id } as const;
    const digestAt = aboutApprovals.includes(notice.kind) ? await waitsUntil(tx, mail, notice, person) : null;
    // All that waits is found when the digest is written: one for each person and day, whatever it was planned for.
    if (digestAt !== null) mails.push({ ...usual, kind: 'approvals-digest', key: `${person.id}/${digestAt}`, dueAt: digestAt });
    else mails.push({ ...usual, kind: notice.kind, key: notice.key, dueAt: now });
  }
  return mails;
}

/** When the person's digest is sent, where this belongs into it. What has to be decided before then is told at once. */
async function waitsUntil(tx: Transaction, { digest }: MailSettings, { data }: Notice, { id, timeZone }: StoredIdentity): Promise<string | null> {
  const { now } = tx.context;
  const next = nextTimeOfDay(now, digest.at, timeZone);
  const { itemId } = data;
  const item = typeof itemId === 'string' ? await tx.requests.item(itemId) : null;
  if (item?.dueAt != null && item.dueAt < addDuration(next, 'PT1H', timeZone)) return null;
  if ((await tx.notices.choiceOf(id)) === 'digest') return next;
  if (digest.above === null) return null;
  const today = await tx.notices.countMails(id, aboutApprovals, subtractDuration(next, 'P1D', timeZone));
  return today >= digest.above ? next : null;
}
