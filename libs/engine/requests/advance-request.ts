import {
  type ApprovalStage,
  dueAfter,
  earliest,
  endOf,
  grantedUntil,
  type Instant,
  type ItemStep,
  evaluateRequest,
  mayAsk,
  mergeFacts,
  NotFound,
  nextStep,
  placesOf,
  type PolicyDocument,
  subtractDuration,
  type WorkingCalendar,
} from '@tenure/domain';
import type { RequestItem, StoredIdentity, Transaction, WholeRequest } from '@tenure/store';
import { closeCase } from '../cases/open-case.ts';
import type { Engine } from '../decide/engine.ts';
import { askApprovers, watchEmpty } from './ask-approvers.ts';
import { notificationsOfDecision, notificationsOfReminder } from './notify-request.ts';
import { questionAbout } from './question-about.ts';
import { approverResolver, type ApproverResolver } from '../approvers/resolve-approvers.ts';
import { auditItem, type ItemEvent } from './audit-request.ts';
import { wake } from '../decide/wake.ts';
import { currentPolicy } from '../policy/read-policy.ts';
import { decideIdentity } from '../decide/decide-identities.ts';

/** Progress of a request. It goes into Temporal's history: ids, names of stages and instants, no personal data. */
export interface RequestProgress {
  readonly requestId: string;
  readonly identityId: string;
  readonly isOpen: boolean;
  /** Items that wait, with their stage. */
  readonly waiting: readonly {
    readonly itemId: string;
    readonly name: string;
    readonly stage: string;
    readonly asked: number;
    readonly isEscalated: boolean;
  }[];
  readonly approved: number;
  readonly denied: number;
  /** Instant at which to look again though nobody answers. */
  readonly nextAt: Instant | null;
}

/** Maximum number of steps of one item in one go: more than any policy has stages. */
const mostSteps = 100;

/**
 * Advances a request as far as it goes by itself now: resolves approvers, counts answers, reminds, escalates, grants. Works from the present state
 * and not from the last event, so it may be called at any time and repeatedly.
 * @throws NotFound
 */
export async function advanceRequest(tx: Transaction, engine: Engine, requestId: string): Promise<RequestProgress> {
  const known = await tx.requests.get(requestId);
  if (known === null) throw new NotFound(`there is no request ${requestId}`, { requestId });
  const { identityId } = known;
  // The person first, as everywhere: two transactions of which each has a lock that the other needs would wait for ever.
  await tx.identities.lock(identityId);
  const whole = await tx.requests.lock(requestId);
  if (whole === null) throw new NotFound(`there is no request ${requestId}`, { requestId });
  const resolver = approverResolver(tx, engine, await currentPolicy(tx, engine));
  const items: RequestItem[] = [];
  const waiting: RequestProgress['waiting'][number][] = [];
  let nextAt: Instant | null = null;
  for (const before of whole.items) {
    const { item, asked, until } = before.status === 'open' ? await advanceItem(tx, engine, resolver, whole, before) : { item: before, asked: 0, until: null };
    items.push(item);
    if (item.status !== 'open') continue;
    nextAt = earliest(nextAt, until);
    waiting.push({ itemId: item.id, name: item.name, stage: item.stages[item.stage]?.name ?? '', asked, isEscalated: item.level > 0 });
  }
  const isGranted = items.some(({ id, status }) => status === 'approved' && whole.items.find((one) => one.id === id)?.status === 'open');
  if (isGranted && (await decideIdentity(tx, engine, identityId, 'decision')).changed) await wake(tx, identityId, 'decision');
  nextAt = waiting.length === 0 ? null : earliest(nextAt, resolver.handOverAt());
  if (waiting.length === 0) await tx.requests.close(requestId, tx.context.now);
  else await tx.requests.sleep(requestId, nextAt, resolver.dependsOn());
  const count = (status: RequestItem['status']): number => items.filter((item) => item.status === status).length;
  return { requestId, identityId, isOpen: waiting.length > 0, waiting, approved: count('approved'), denied: count('denied'), nextAt };
}

/** Time zone and calendar by which deadlines of one item are computed. */
interface Reckoning {
  /** Time zone of the person for whom the access is requested. */
  readonly timeZone: string;
  /** Instant at which a duration that begins now has passed, in the calendar of the stage. */
  after(stage: ApprovalStage, duration: string): Instant;
}

interface Advanced {
  readonly item: RequestItem;
  readonly asked: number;
  readonly until: Instant | null;
}

async function advanceItem(tx: Transaction, engine: Engine, resolver: ApproverResolver, whole: WholeRequest, before: RequestItem): Promise<Advanced> {
  const { now } = tx.context;
  const pointless = await whyPointless(tx, engine, before);
  if (pointless !== null) {
    const item = await denied(tx, before, pointless);
    await tx.notifications.add(...notificationsOfDecision(item, whole.request.requestedBy));
    return { item, asked: 0, until: null };
  }
  const timeZone = (await tx.identities.get(before.identityId))?.timeZone ?? engine.configuration.timeZone;
  // The calendar of today: holidays of later years are added to it.
  const { calendars } = (await currentPolicy(tx, engine)).document;
  const reckoning: Reckoning = { timeZone, after: (stage, duration) => dueAfter(now, duration, timeZone, calendarOf(stage, calendars)) };
  let item = before.dueAt === null ? begun(before, reckoning) : before;
  let { approvers: known } = whole;
  for (let steps = 0; steps < mostSteps; steps += 1) {
    const { approvers, everAsked, all } = await askApprovers(tx, resolver, { ...whole, approvers: known }, item);
    known = all;
    const votes = whole.answers
      .filter((answer) => answer.itemId === item.id && answer.stage === item.stage && answer.outcome === 'counted')
      .map(({ givenBy, approves }) => ({ place: placeOf(givenBy, known, item), approves }));
    const waitingFor = approvers.filter(({ approverId, inPlaceOf }) => !votes.some(({ place }) => place === (inPlaceOf ?? approverId)));
    const { quorum = 0 } = item.stages[item.stage] ?? {};
    await watchEmpty(tx, item, item.level > 0 && waitingFor.length + placesOf(votes) < quorum);
    const step = nextStep(item, votes, waitingFor.length, everAsked, now);
    if (step.kind === 'remind')
      await tx.notifications.add(
        ...notificationsOfReminder(
          item,
          waitingFor.map(({ approverId }) => approverId),
        ),
      );
    item = await taken(tx, engine, item, step, reckoning);
    if (step.kind === 'wait' || item.status !== 'open') {
      await tx.requests.saveItem(item);
      if (item.status !== 'open') await tx.notifications.add(...notificationsOfDecision(item, whole.request.requestedBy));
      return { item, asked: waitingFor.length, until: step.kind === 'wait' ? step.until : null };
    }
  }
  throw new Error(`request item ${before.id} comes to no end`);
}

/**
 * Reason why access could not be granted any more, so that nobody is asked about it: the person is terminated, or no rule offers it to anybody.
 * `null`: it could.
 */
async function whyPointless(tx: Transaction, engine: Engine, item: RequestItem): Promise<'not-active' | 'not-offered' | null> {
  const person = await tx.identities.get(item.identityId);
  if (person === null || (person.lifecycle !== null && (await isOverBy(tx, engine, person)))) return 'not-active';
  return mayAsk(await currentPolicy(tx, engine), person, item) === 'not-offered' ? 'not-offered' : null;
}

/** True if a person is terminated, also where a date has just made it so. */
async function isOverBy(tx: Transaction, engine: Engine, { id, state, lifecycle }: StoredIdentity): Promise<boolean> {
  const next = lifecycle?.next ?? null;
  const current = next !== null && next.at <= tx.context.now ? (await decideIdentity(tx, engine, id, 'decision')).state : state;
  return current === 'leaving' || current === 'left' || current === 'erased';
}

/** Id of the person for whom an approver answers in the present stage: their principal, or themselves. */
function placeOf(id: string, approvers: WholeRequest['approvers'], { id: itemId, stage }: RequestItem): string {
  return approvers.find((one) => one.itemId === itemId && one.stage === stage && one.approverId === id)?.inPlaceOf ?? id;
}

/** The item after the step. */
async function taken(tx: Transaction, engine: Engine, item: RequestItem, step: ItemStep, reckoning: Reckoning): Promise<RequestItem> {
  switch (step.kind) {
    case 'wait':
      return item;
    case 'remind': {
      auditItem(tx, 'reminded', item, {});
      const stage = item.stages[item.stage];
      return { ...item, remindAt: stage?.remindAfter === undefined ? null : reckoning.after(stage, stage.remindAfter) };
    }
    case 'escalate':
      auditItem(tx, 'escalated', item, { why: step.why });
      return begun({ ...item, level: 1 }, reckoning);
    case 'next':
      auditItem(tx, 'stagePassed', item, { by: step.by });
      return begun({ ...item, stage: item.stage + 1, level: 0 }, reckoning);
    case 'denied':
      return denied(tx, item, step.why);
    case 'approved':
      return granted(tx, engine, item, reckoning);
  }
}

/** A stage that begins now, or begins again with others. */
function begun(item: RequestItem, { after }: Reckoning): RequestItem {
  const stage = item.stages[item.stage];
  if (stage === undefined) return { ...item, dueAt: null, remindAt: null };
  return { ...item, dueAt: after(stage, stage.deadline), remindAt: stage.remindAfter === undefined ? null : after(stage, stage.remindAfter) };
}

/** Checks policy and separation of duties again: access that they no longer allow is not granted, whoever has approved it. */
async function granted(tx: Transaction, engine: Engine, item: RequestItem, { timeZone }: Reckoning): Promise<RequestItem> {
  const question = await questionAbout(tx, engine, item.identityId);
  const { rule, refusal, conflicts } = evaluateRequest(question, item, item.exceptions);
  if (refusal !== null) return denied(tx, item, refusal);
  const [conflict] = conflicts;
  if (conflict !== undefined) return denied(tx, item, 'separation', { separation: conflict.rule, names: conflict.names });
  const { now } = tx.context;
  const bounds = { validFrom: now, validUntil: endOf(now, item.duration, timeZone) };
  const endNoticeAt = rule?.remind === undefined ? null : subtractDuration(bounds.validUntil, rule.remind, timeZone);
  return finished(
    tx,
    item,
    { status: 'approved', reason: null, ...bounds, endNoticeAt },
    {
      why: null,
      ...bounds,
      heldUntil: grantedUntil(bounds, question.merged ?? mergeFacts(question), now),
      exceptions: item.exceptions.map(({ rule }) => rule),
    },
  );
}

function calendarOf({ calendar }: ApprovalStage, calendars: PolicyDocument['calendars'] = {}): WorkingCalendar | undefined {
  return calendar !== undefined && Object.hasOwn(calendars, calendar) ? calendars[calendar] : undefined;
}

function denied(tx: Transaction, item: RequestItem, why: string, more: Omit<ItemEvent<'denied'>, 'why'> = {}): Promise<RequestItem> {
  return finished(tx, item, { status: 'denied', reason: why }, { why, ...more });
}

async function finished<S extends 'approved' | 'denied'>(
  tx: Transaction,
  item: RequestItem,
  change: Partial<RequestItem> & Pick<RequestItem, 'reason'> & { readonly status: S },
  told: ItemEvent<S>,
): Promise<RequestItem> {
  const done: RequestItem = { ...item, ...change, decidedAt: tx.context.now, dueAt: null, remindAt: null };
  // At once: the next items of this request are evaluated together with it.
  await tx.requests.saveItem(done);
  auditItem(tx, change.status, item, told);
  await closeCase(tx, await tx.cases.openOfKey(`request-without-approver/${item.id}`), 'the item was decided');
  return done;
}
