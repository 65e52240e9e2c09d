import type { MailSettings } from '@tenure/config';
import { addDuration, DomainError, type Instant, type Notification, type NotificationKind, nextTimeOfDay, subtractDuration } from '@tenure/domain';
import type { NewDelivery, Store, StoredIdentity, Transaction, UnplannedNotification } from '@tenure/store';
import { closeCase, openCase } from '../cases/open-case.ts';
import type { Engine } from '../decide/engine.ts';
import { nextAttempt } from './next-attempt.ts';
import { recipientsOf } from './recipients.ts';

/** Notifications that are looked at in one transaction. */
const batch = 100;

/** Approvals that a digest stands for. */
const aboutApprovals: readonly NotificationKind[] = ['approval-asked', 'approval-reminder'];

export interface PlanningDependencies {
  readonly store: Store;
  readonly engine: Engine;
  readonly clock: () => Instant;
  readonly counted?: (channel: 'any', result: 'put-off' | 'given-up') => void;
  readonly failed?: (error: unknown, noticeId: string) => void;
}

/**
 * Resolves the recipients of new notifications, and stores each mail and each call of a webhook that is to be made. A notification that fails is
 * postponed, and set aside into a case when it has failed for a day: the others continue.
 * @returns number of notifications that were processed
 */
export async function planNotifications({ store, engine, clock, counted = () => undefined, failed = () => undefined }: PlanningDependencies): Promise<number> {
  const context = { actor: { kind: 'system', id: 'notices' }, correlationId: 'notices', now: clock() } as const;
  const turn: { notice: UnplannedNotification | null } = { notice: null };
  try {
    return await store.transaction(context, async (tx) => {
      const notifications = await tx.notifications.takeNew(batch);
      // One after another: the number of mails to a person today depends on those before.
      for (const notification of notifications) {
        turn.notice = notification;
        const mails = engine.configuration.mail === null ? [] : await mailsOf(tx, engine, engine.configuration.mail, notification);
        await tx.notifications.plan([notification.id], [...callsOf(tx, engine, notification), ...mails]);
      }
      turn.notice = null;
      await closeCases(tx, notifications);
      return notifications.length;
    });
  } catch (error) {
    const { notice } = turn;
    if (notice === null) throw error;
    failed(error, notice.id);
    counted('any', await store.transaction(context, (tx) => putOff(tx, notice, error)));
    return 1;
  }
}

/** Postpones a notification; everything that is planned with it is planned again without it. */
async function putOff(tx: Transaction, { id, kind, recipient, about, attempts }: UnplannedNotification, error: unknown): Promise<'put-off' | 'given-up'> {
  const next = nextAttempt(attempts + 1, tx.context.now);
  if (next !== null) {
    await tx.notifications.planLater(id, next);
    return 'put-off';
  }
  await tx.notifications.plan([id], []);
  const identityId = 'identityId' in recipient ? recipient.identityId : null;
  const code = error instanceof DomainError ? error.code : 'INTERNAL';
  const evidence = { channel: 'any', notice: kind, code, attempts: attempts + 1 };
  tx.audit.record({
    action: 'notice.givenUp',
    subjectKind: 'notice',
    subjectId: id,
    identityId,
    reason: { kind, channel: 'any', about, code, attempts: attempts + 1 },
  });
  await openCase(tx, { kind: 'notice-undeliverable', key: keyOf(kind), identityId: null, target: null, operationId: null, evidence });
  return 'given-up';
}

/** Key of the case for notifications of a kind that cannot be planned. */
function keyOf(kind: NotificationKind): string {
  return `notice-undeliverable/any/${kind}`;
}

async function closeCases(tx: Transaction, planned: readonly UnplannedNotification[]): Promise<void> {
  if (planned.length === 0) return;
  const keys = [...new Set(planned.map(({ kind }) => keyOf(kind)))];
  for (const open of await tx.cases.openOfKeys(keys)) await closeCase(tx, open, 'such notifications can be planned again');
}

function callsOf(tx: Transaction, { configuration }: Engine, { id, kind, key }: Notification): readonly NewDelivery[] {
  return Object.values(configuration.webhooks)
    .filter(({ events }) => events.includes(kind))
    .map(({ name }) => ({ noticeId: id, kind, key, channel: 'webhook', endpoint: name, recipientId: null, dueAt: tx.context.now }));
}

async function mailsOf(tx: Transaction, engine: Engine, mail: MailSettings, notification: Notification): Promise<readonly NewDelivery[]> {
  const { now } = tx.context;
  const mails: NewDelivery[] = [];
  for (const person of await recipientsOf(tx, engine, notification)) {
    const usual = { noticeId: notification.id, channel: 'mail', endpoint: '', recipientId: person.id } as const;
    const digestAt = aboutApprovals.includes(notification.kind) ? await waitsUntil(tx, mail, notification, person) : null;
    // Everything that waits is found when the digest is written: one for each person and day, whatever it was planned for.
    if (digestAt !== null) mails.push({ ...usual, kind: 'approvals-digest', key: `${person.id}/${digestAt}`, dueAt: digestAt });
    else mails.push({ ...usual, kind: notification.kind, key: notification.key, dueAt: now });
  }
  return mails;
}

/** Instant of the person's digest, where the notification belongs into it. An approval that is due before then is notified at once. */
async function waitsUntil(tx: Transaction, { digest }: MailSettings, { data }: Notification, { id, timeZone }: StoredIdentity): Promise<string | null> {
  const { now } = tx.context;
  const next = nextTimeOfDay(now, digest.at, timeZone);
  const { itemId } = data;
  const item = typeof itemId === 'string' ? await tx.requests.item(itemId) : null;
  if (item?.dueAt != null && item.dueAt < addDuration(next, 'PT1H', timeZone)) return null;
  if ((await tx.notifications.choiceOf(id)) === 'digest') return next;
  if (digest.above === null) return null;
  const today = await tx.notifications.countMails(id, aboutApprovals, subtractDuration(next, 'P1D', timeZone));
  return today >= digest.above ? next : null;
}
