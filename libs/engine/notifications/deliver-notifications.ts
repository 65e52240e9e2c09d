import { type AuditReasons, type Instant, newAuditContent, toInstant } from '@tenure/domain';
import { concurrency } from './concurrency.ts';
import type { WebhookSender } from './webhook-sender.ts';
import type { Delivered, Mail, MailSender, MailWriter } from '@tenure/mail';
import type { ActContext, Delivery, Receiver, Store, Transaction } from '@tenure/store';
import { closeCase, openCase } from '../cases/open-case.ts';
import type { Engine } from '../decide/engine.ts';
import { isThere } from '../approvers/related-person.ts';
import { describeNotification } from './describe-notification.ts';
import { mailAddressOf } from './mail-address.ts';
import { nextAttempt } from './next-attempt.ts';
import { pauseOfReceiver } from './pause-of-receiver.ts';
import { stillApplies } from './still-applies.ts';
import { subjectOf } from './subject-of.ts';

export interface DeliveryDependencies {
  readonly store: Store;
  readonly engine: Engine;
  readonly clock: () => Instant;
  /** `null`: no mail is configured. */
  readonly mail: { readonly writer: MailWriter; readonly sender: MailSender } | null;
  readonly webhooks: WebhookSender;
  readonly counted?: (channel: Delivery['channel'], result: 'sent' | 'put-off' | 'given-up' | 'skipped') => void;
  /** Called when a delivery that was planned for an instant, or postponed until then, is due. */
  readonly timerFired?: (dueAt: Instant) => void;
  /** Called for unexpected failures: a template that fails, a database that is away. The delivery waits for its next turn. */
  readonly failed?: (error: unknown, deliveryId: string) => void;
}

/** Milliseconds after which another worker takes over a delivery: longer than a receiver may take to answer. */
const turn = 5 * 60_000;
/** Milliseconds for which a receiver may be away before deliveries that wait for it are abandoned. */
const day = 24 * 3_600_000;
/** Milliseconds after which another attempt is made at a receiver that has failed and is not paused yet. */
const soon = 5000;
/** Code of a failure on our side, before the receiver was called. */
const internal = 'INTERNAL';
/** Code of a delivery to a webhook that is no longer configured: its earlier failures no longer matter. */
const noWebhook = 'NO_SUCH_WEBHOOK';
/** Number of deliveries that are abandoned in one transaction. */
const page = 100;

/**
 * Delivers to one receiver what is due, some at a time: each has its own turn, so that one that hangs or refuses delays itself alone. At least once:
 * a worker that is killed between sending and storing that leaves it to be sent again, under the same Message-ID or webhook-id.
 * @returns number of deliveries that were due
 */
export async function deliverNotifications(dependencies: DeliveryDependencies, receiver: Receiver): Promise<number> {
  const { store, clock, timerFired = () => undefined, failed = () => undefined } = dependencies;
  const now = clock();
  const until = toInstant(Date.parse(now) + turn);
  const due = await store.transaction(contextOf(now), (tx) => tx.notifications.claim(receiver, concurrency[receiver.channel], until));
  for (const { createdAt, wasDueAt } of due) if (wasDueAt > createdAt) timerFired(wasDueAt);
  await Promise.all(due.map((delivery) => deliverOne(dependencies, delivery).catch((error: unknown) => failed(error, delivery.id))));
  return due.length;
}

function contextOf(now: Instant, correlationId = 'notices'): ActContext {
  return { actor: { kind: 'system', id: 'notices' }, correlationId, now };
}

/** Result of a delivery: sent, failed for now or for good, or `skipped` since it no longer applies. */
type Outcome = Delivered | { readonly outcome: 'skipped'; readonly code: string };

async function deliverOne(dependencies: DeliveryDependencies, delivery: Delivery): Promise<void> {
  const { store, clock, counted = () => undefined, failed = () => undefined } = dependencies;
  const attempt = delivery.channel === 'mail' ? mailOne(dependencies, delivery) : callOne(dependencies, delivery);
  const came = await attempt.catch((error: unknown): Outcome => {
    failed(error, delivery.id);
    return { outcome: 'deferred', code: internal };
  });
  const result = await store.transaction(contextOf(clock(), delivery.notice.id), (tx) => writeDown(tx, delivery, came));
  counted(delivery.channel, result);
  if (came.outcome === 'unavailable') await abandonOlder(dependencies, delivery, came.code);
}

/** Abandons deliveries that have waited for a day for a receiver that is still away, in one case for all of them. */
async function abandonOlder({ store, clock, counted = () => undefined }: DeliveryDependencies, receiver: Delivery, code: string): Promise<void> {
  for (let given = page; given === page; ) {
    given = await store.transaction(contextOf(clock(), receiver.notice.id), async (tx) => {
      const old = await tx.notifications.abandonOlder(receiver, toInstant(Date.parse(tx.context.now) - day), code, page);
      for (const delivery of old) await recordAbandoned(tx, delivery, code, null);
      return old.length;
    });
    for (let index = 0; index < given; index += 1) counted(receiver.channel, 'given-up');
  }
}

async function mailOne({ store, engine, clock, mail }: DeliveryDependencies, delivery: Delivery): Promise<Outcome> {
  if (mail === null) return { outcome: 'skipped', code: 'NO_MAIL_CONFIGURED' };
  const prepared = await store.transaction(contextOf(clock(), delivery.notice.id), (tx) => prepare(tx, engine, delivery));
  if ('none' in prepared) return { outcome: 'skipped', code: prepared.none };
  const { to, kind, language, view } = prepared;
  const host = new URL(engine.configuration.url).hostname;
  const written: Mail = { ...(await mail.writer.write(kind, language, view)), messageId: `<${delivery.id}@${host}>`, to };
  return mail.sender.send(written);
}

async function prepare(tx: Transaction, engine: Engine, delivery: Delivery) {
  const person = delivery.recipientId === null ? null : await tx.identities.get(delivery.recipientId);
  // A person who left between planning and sending is not notified.
  if (person === null || !isThere(person, tx.context.now)) return { none: 'NOT_THERE' } as const;
  const address = await mailAddressOf(tx, engine, person);
  if ('none' in address) return address;
  const description = await describeNotification(tx, engine, delivery, person);
  if (description === null) return { none: 'NO_LONGER_SO' } as const;
  return { ...description, to: { name: description.view.name, address: address.address } };
}

async function callOne({ store, engine, clock, webhooks }: DeliveryDependencies, { id, endpoint, kind, notice }: Delivery): Promise<Outcome> {
  const { webhooks: known } = engine.configuration;
  const webhook = Object.hasOwn(known, endpoint) ? known[endpoint] : undefined;
  if (webhook === undefined) return { outcome: 'skipped', code: noWebhook };
  const applies = await store.transaction(contextOf(clock(), notice.id), async (tx) =>
    stillApplies(notice, await subjectOf(tx, notice, null), null, tx.context.now),
  );
  if (!applies) return { outcome: 'skipped', code: 'NO_LONGER_SO' };
  const { about, data, createdAt } = notice;
  return webhooks.send(webhook, { id, type: kind, timestamp: createdAt, data: { ...about, ...data } }, new Date(clock()));
}

async function writeDown(tx: Transaction, delivery: Delivery, came: Outcome): Promise<'sent' | 'put-off' | 'given-up' | 'skipped'> {
  const { id, attempts } = delivery;
  switch (came.outcome) {
    case 'sent':
      await tx.notifications.receiverWorked(delivery);
      if (await tx.notifications.settle(id, 'sent', null)) auditDelivery(tx, delivery, 'notice.sent', {});
      await closeCase(tx, await tx.cases.openOfKey(keyOf(delivery, null)), 'notifications can be delivered again');
      await closeCase(tx, await tx.cases.openOfKey(keyOf(delivery, delivery.recipientId)), 'notifications can be delivered again');
      return 'sent';
    case 'skipped':
      await (came.code === noWebhook ? tx.notifications.receiverWorked(delivery) : tx.notifications.resume(delivery));
      if (await tx.notifications.settle(id, 'skipped', came.code)) auditDelivery(tx, delivery, 'notice.skipped', { why: came.code });
      return 'skipped';
    case 'deferred': {
      // The receiver answers, and takes others; our own failure says nothing about it.
      await (came.code === internal ? tx.notifications.resume(delivery) : tx.notifications.receiverWorked(delivery));
      const next = nextAttempt(attempts, tx.context.now);
      if (next === null) return abandon(tx, delivery, came.code, null);
      await tx.notifications.putOff(delivery, next, came.code);
      return 'put-off';
    }
    case 'unavailable': {
      const failing = await tx.notifications.receiverFailed(delivery, came.code);
      const until = pauseOfReceiver(failing, came.retryAfter ?? null, tx.context.now);
      if (until !== null) await tx.notifications.pause(delivery, until);
      await tx.notifications.putOff(delivery, until ?? toInstant(Date.parse(tx.context.now) + soon), came.code);
      return 'put-off';
    }
    case 'refused':
      await tx.notifications.receiverWorked(delivery);
      return abandon(tx, delivery, came.code, delivery.recipientId);
  }
}

/**
 * Abandons a delivery. @param recipientId of the person whose address is the problem; `null`: the server's or the webhook's, with one case for
 * everything that waits there
 */
async function abandon(tx: Transaction, delivery: Delivery, code: string, recipientId: string | null): Promise<'given-up'> {
  if (await tx.notifications.settle(delivery.id, 'failed', code)) await recordAbandoned(tx, delivery, code, recipientId);
  return 'given-up';
}

async function recordAbandoned(tx: Transaction, delivery: Delivery, code: string, recipientId: string | null): Promise<void> {
  const { channel, endpoint, kind, attempts } = delivery;
  auditDelivery(tx, delivery, 'notice.givenUp', { code, attempts });
  const evidence = { channel, endpoint, notice: kind, code, attempts };
  await openCase(tx, { kind: 'notice-undeliverable', key: keyOf(delivery, recipientId), identityId: recipientId, target: null, operationId: null, evidence });
}

function keyOf({ channel, endpoint }: Delivery, recipientId: string | null): string {
  return ['notice-undeliverable', channel, recipientId ?? endpoint].join('/');
}

function auditDelivery<A extends 'notice.sent' | 'notice.skipped' | 'notice.givenUp'>(
  tx: Transaction,
  { id, kind, channel, endpoint, recipientId, notice }: Delivery,
  action: A,
  more: Omit<AuditReasons[A], 'kind' | 'channel' | 'endpoint' | 'about'>,
): void {
  const content = newAuditContent(action, { kind, channel, endpoint, about: notice.about }, more);
  tx.audit.record({ ...content, subjectKind: 'notice', subjectId: id, identityId: recipientId });
}
