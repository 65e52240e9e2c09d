import { displayName, grantedUntil, type Instant, type NotificationLanguage, subtractDuration } from '@tenure/domain';
import { chooseLanguage, type ItemView, type MailKind, type MailView, plainLine } from '@tenure/mail';
import type { Delivery, RequestItem, StoredIdentity, Transaction, WholeRequest } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { durationInWords, instantInWords } from './in-words.ts';
import { stillApplies, waitsFor } from './still-applies.ts';
import { subjectOf } from './subject-of.ts';
import { currentPolicy } from '../policy/read-policy.ts';
import { onlyObservedIn } from '../requests/only-observed-in.ts';
import { observedTargets } from '../targets/observed-targets.ts';

/** Data of a mail. */
export interface Description {
  readonly kind: MailKind;
  readonly language: NotificationLanguage;
  readonly view: MailView;
}

/** Requests that one digest shows; the rest is on the person's page. */
const mostItems = 50;

/** Content of a mail to this person, looked up now. `null`: the mail no longer applies. */
export async function describeNotification(tx: Transaction, engine: Engine, delivery: Delivery, to: StoredIdentity): Promise<Description | null> {
  const { kind, notice } = delivery;
  const mail = engine.configuration.mail;
  const language = chooseLanguage(to.attributes['preferredLanguage']?.value, mail?.language ?? 'en');
  const reader: Reader = { tx, engine, to, language };
  if (kind === 'approvals-digest') {
    const items = await waitingItems(reader);
    return items.length === 0 ? null : { kind, language, view: { ...(await empty(reader)), items } };
  }
  const { about, data } = notice;
  const subject = await subjectOf(tx, notice, to);
  const { request, case: open } = subject;
  if (!stillApplies(notice, subject, to, tx.context.now)) return null;
  const item = request?.items.find(({ id }) => id === data['itemId']) ?? null;
  const instant = (value: unknown): string | null => (typeof value === 'string' ? inWords(reader, value) : null);
  const view: MailView = {
    ...(await empty(reader)),
    person: about.identityId === undefined ? null : await nameOf(reader, about.identityId),
    item: request === null || item === null ? null : await itemView(reader, request, item),
    case:
      open === null
        ? null
        : { kind: open.kind, person: open.identityId === null ? null : await nameOf(reader, open.identityId), deadline: instant(open.deadline) },
    from: typeof data['from'] === 'string' ? await nameOf(reader, data['from']) : null,
    startsAt: instant(data['startsAt']),
    endsAt: instant(item !== null && data['endsAt'] === item.validUntil ? await endOf(reader, item) : data['endsAt']),
    missing: Array.isArray(data['missing']) ? data['missing'].map((name: string) => engine.configuration.attributes[name]?.title ?? name) : [],
    isEscalated: data['isEscalated'] === true,
    isOwn: about.identityId === to.id,
    isUndo: data['isUndo'] === true,
    provider: typeof data['provider'] === 'string' ? (engine.configuration.identityProviders[data['provider']]?.title ?? data['provider']) : null,
  };
  return { kind, language, view };
}

/** Recipient of the mail, and the language of its text. */
interface Reader {
  readonly tx: Transaction;
  readonly engine: Engine;
  readonly to: StoredIdentity;
  readonly language: NotificationLanguage;
}

async function empty({ engine, to, tx, language }: Reader): Promise<MailView> {
  return {
    name: await nameOf({ engine, to, tx, language }, to.id),
    person: null,
    item: null,
    items: [],
    case: null,
    from: null,
    startsAt: null,
    endsAt: null,
    missing: [],
    isEscalated: false,
    isOwn: false,
    isUndo: false,
    provider: null,
    link: `${engine.configuration.url}/me`,
  };
}

async function waitingItems(reader: Reader): Promise<readonly ItemView[]> {
  const { tx, to } = reader;
  const requests = await tx.requests.whole(await tx.requests.idsWaitingFor(to.id, mostItems));
  const waiting = requests.flatMap((request) => request.items.filter(({ id }) => waitsFor(request, id, to.id)).map((item) => ({ request, item })));
  const views: ItemView[] = [];
  for (const { request, item } of waiting.slice(0, mostItems)) views.push(await itemView(reader, request, item));
  return views;
}

async function itemView(reader: Reader, whole: WholeRequest, item: RequestItem): Promise<ItemView> {
  const { tx, engine, to, language } = reader;
  const { request, answers } = whole;
  const { document } = await currentPolicy(tx, engine);
  const observed = onlyObservedIn(engine.configuration, document, item, await observedTargets(tx));
  const end = await endOf(reader, item);
  const known = item.kind === 'role' ? document.roles : document.entitlements;
  const comments = answers.filter((one) => one.itemId === item.id && one.outcome === 'counted' && one.comment !== '').map(({ comment }) => plainLine(comment));
  return {
    title: (Object.hasOwn(known, item.name) ? known[item.name]?.title : undefined) ?? item.name,
    for: await nameOf(reader, item.identityId),
    by: await nameOf(reader, request.requestedBy),
    justification: plainLine(request.justification),
    duration: durationInWords(item.duration, language),
    observedTargets: observed.length === 0 ? null : observed.map(({ title }) => title).join(', '),
    dueAt: item.status === 'open' && item.dueAt !== null ? inWords(reader, item.dueAt) : null,
    exceptions: item.exceptions.map(({ rule, names, control }) => ({ rule, names: names.join(', '), control: plainLine(control) })),
    status: item.status,
    reason: item.reason,
    validUntil: end === null ? null : lastMoment(reader, end),
    comments,
    decideLink: waitsFor(whole, item.id, to.id) ? await decideLink(reader, item) : null,
  };
}

/** Link for an answer, where the installation has them: valid for this person, this item and this stage. */
async function decideLink({ tx, engine, to }: Reader, { id: itemId, requestId, stage, dueAt }: RequestItem): Promise<string | null> {
  const { mail, url } = engine.configuration;
  const { now } = tx.context;
  if (mail === null || mail.decideByLink === 'off' || dueAt === null || dueAt <= now) return null;
  const token = await tx.decisionLinks.create({ itemId, requestId, stage, approverId: to.id }, now, dueAt);
  return `${url}/decide/${token}`;
}

/** End of an approved item: no grant lasts longer than the person's own end. */
async function endOf({ tx, to }: Reader, { identityId, validFrom, validUntil }: RequestItem): Promise<Instant | null> {
  const person = identityId === to.id ? to : await tx.identities.get(identityId);
  return validFrom === null || person === null ? validUntil : grantedUntil({ validFrom, validUntil }, person, validFrom);
}

function inWords({ to, language }: Reader, at: Instant): string {
  return instantInWords(at, language, to.timeZone);
}

/** Last instant of the day before, for an end at which a day begins. */
function lastMoment(reader: Reader, until: Instant): string {
  return inWords(reader, subtractDuration(until, 'PT1S', reader.to.timeZone));
}

async function nameOf({ tx, to }: Reader, id: string): Promise<string> {
  const person = id === to.id ? to : await tx.identities.get(id);
  if (person === null) return '—';
  return plainLine(displayName(person), 100);
}
