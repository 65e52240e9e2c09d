import { type AuditAction, type Instant, toInstant } from '@tenure/domain';
import type { Delivered, Mail, MailSender, MailWriter, WebhookSender } from '@tenure/notices';
import type { ActContext, Delivery, Store, Transaction } from '@tenure/store';
import { closeCase, openCase } from '../cases.ts';
import type { Loop } from '../loop.ts';
import { isThere } from '../requests/related-person.ts';
import { describeNotice } from './describe-notice.ts';
import { mailAddressOf } from './mail-address.ts';
import { nextAttempt } from './next-attempt.ts';

export interface DeliveryDependencies {
  readonly store: Store;
  readonly loop: Loop;
  readonly clock: () => Instant;
  /** `null`: no mail is configured. */
  readonly mail: { readonly writer: MailWriter; readonly sender: MailSender } | null;
  readonly webhooks: WebhookSender;
  readonly told?: (channel: Delivery['channel'], result: 'sent' | 'put-off' | 'given-up' | 'skipped') => void;
  /** What was planned for an instant, or put off until then, has its turn. */
  readonly timerFired?: (dueAt: Instant) => void;
  /** Told of what should not happen: a template that fails, a database that is away. The delivery waits for its next turn. */
  readonly failed?: (error: unknown, deliveryId: string) => void;
}

/** Deliveries that one worker has in hand. */
const batch = 10;
/** Milliseconds after which another worker takes what this one had: longer than a mail server may take to answer. */
const turn = 5 * 60_000;

/**
 * Delivers what is due, some at a time. At least once: who is killed between sending and writing that down leaves it to be sent again, under
 * the same Message-ID or webhook-id.
 * @returns how many were due
 */
export async function deliverNotices(dependencies: DeliveryDependencies): Promise<number> {
  const { store, clock, timerFired = () => undefined, failed = () => undefined } = dependencies;
  const now = clock();
  const due = await store.transaction(contextOf(now), (tx) => tx.notices.claim(batch, toInstant(Date.parse(now) + turn)));
  for (const { createdAt, wasDueAt } of due) if (wasDueAt > createdAt) timerFired(wasDueAt);
  await Promise.all(due.map((delivery) => deliverOne(dependencies, delivery).catch((error: unknown) => failed(error, delivery.id))));
  return due.length;
}

function contextOf(now: Instant, correlationId = 'notices'): ActContext {
  return { actor: { kind: 'system', id: 'notices' }, correlationId, now };
}

/** What came of a delivery: told, not told for now or for good, or nothing to tell. */
type Outcome = Delivered | { readonly outcome: 'skipped'; readonly code: string };

async function deliverOne(dependencies: DeliveryDependencies, delivery: Delivery): Promise<void> {
  const { store, clock, told = () => undefined, failed = () => undefined } = dependencies;
  const attempt = delivery.channel === 'mail' ? mailOne(dependencies, delivery) : callOne(dependencies, delivery);
  const came = await attempt.catch((error: unknown): Outcome => {
    failed(error, delivery.id);
    return { outcome: 'unavailable', code: 'INTERNAL' };
  });
  const result = await store.transaction(contextOf(clock(), delivery.notice.id), (tx) => writeDown(tx, delivery, came));
  told(delivery.channel, result);
}

async function mailOne({ store, loop, clock, mail }: DeliveryDependencies, delivery: Delivery): Promise<Outcome> {
  if (mail === null) return { outcome: 'skipped', code: 'NO_MAIL_CONFIGURED' };
  const prepared = await store.transaction(contextOf(clock(), delivery.notice.id), (tx) => prepare(tx, loop, delivery));
  if ('none' in prepared) return { outcome: 'skipped', code: prepared.none };
  const { to, kind, language, view } = prepared;
  const host = new URL(loop.configuration.url).hostname;
  const written: Mail = { ...(await mail.writer.write(kind, language, view)), messageId: `<${delivery.id}@${host}>`, to };
  return mail.sender.send(written);
}

async function prepare(tx: Transaction, loop: Loop, delivery: Delivery) {
  const person = delivery.recipientId === null ? null : await tx.identities.get(delivery.recipientId);
  // Whoever left between planning and sending is told nothing.
  if (person === null || !isThere(person, tx.context.now)) return { none: 'NOT_THERE' } as const;
  const address = await mailAddressOf(tx, loop, person);
  if ('none' in address) return address;
  const description = await describeNotice(tx, loop, delivery, person);
  if (description === null) return { none: 'NO_LONGER_SO' } as const;
  return { ...description, to: { name: description.view.name, address: address.address } };
}

async function callOne({ loop, clock, webhooks }: DeliveryDependencies, { id, endpoint, kind, notice }: Delivery): Promise<Outcome> {
  const { webhooks: known } = loop.configuration;
  const webhook = Object.hasOwn(known, endpoint) ? known[endpoint] : undefined;
  if (webhook === undefined) return { outcome: 'skipped', code: 'NO_SUCH_WEBHOOK' };
  const { about, data, createdAt } = notice;
  return webhooks.send(webhook, { id, type: kind, timestamp: createdAt, data: { ...about, ...data } }, new Date(clock()));
}

async function writeDown(tx: Transaction, delivery: Delivery, came: Outcome): Promise<'sent' | 'put-off' | 'given-up' | 'skipped'> {
  const { id, attempts } = delivery;
  switch (came.outcome) {
    case 'sent':
      if (await tx.notices.settle(id, 'sent', null)) tell(tx, delivery, 'notice.sent', {});
      await closeCase(tx, await tx.cases.openOfKey(keyOf(delivery, null)), 'answered itself: they can be told again');
      await closeCase(tx, await tx.cases.openOfKey(keyOf(delivery, delivery.recipientId)), 'answered itself: they can be told again');
      return 'sent';
    case 'skipped':
      if (await tx.notices.settle(id, 'skipped', came.code)) tell(tx, delivery, 'notice.skipped', { why: came.code });
      return 'skipped';
    case 'unavailable': {
      const next = nextAttempt(attempts, tx.context.now);
      if (next === null) return giveUp(tx, delivery, came.code, null);
      await tx.notices.putOff(id, next, came.code);
      return 'put-off';
    }
    case 'refused':
      return giveUp(tx, delivery, came.code, delivery.recipientId);
  }
}

/** @param recipientId whose address is the trouble; `null`: the server's or the webhook's, which is one question for all that waits there */
async function giveUp(tx: Transaction, delivery: Delivery, code: string, recipientId: string | null): Promise<'given-up'> {
  const { id, channel, endpoint, kind, attempts } = delivery;
  if (!(await tx.notices.settle(id, 'failed', code))) return 'given-up';
  tell(tx, delivery, 'notice.givenUp', { code, attempts });
  const evidence = { channel, endpoint, notice: kind, code, attempts };
  await openCase(tx, { kind: 'notice-undeliverable', key: keyOf(delivery, recipientId), identityId: recipientId, target: null, operationId: null, evidence });
  return 'given-up';
}

function keyOf({ channel, endpoint }: Delivery, recipientId: string | null): string {
  return ['notice-undeliverable', channel, recipientId ?? endpoint].join('/');
}

function tell(
  tx: Transaction,
  { id, kind, channel, endpoint, recipientId, notice }: Delivery,
  action: AuditAction,
  more: Readonly<Record<string, unknown>>,
): void {
  const reason = { kind, channel, endpoint, about: notice.about, ...more };
  tx.audit.record({ action, subjectKind: 'notice', subjectId: id, identityId: recipientId, reason });
}
