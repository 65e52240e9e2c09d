import type { Configuration } from '@tenure/config';
import {
  type AccessDecision,
  type AccessQuestion,
  decideAccess,
  grantsAt,
  type Instant,
  type Lifecycle,
  lookAgainAt,
  mergeFacts,
  type Policy,
  readForActivityAt,
  readUnseenAt,
  itemState,
  type PersonChange,
  waveChanges,
  earliest,
  type Hold,
  isTargetHeld,
  TENURE_TARGET,
} from '@tenure/domain';
import type { Stage } from '@tenure/workflows/search-attributes';
import type { NewCase, Person, StoredAccount, StoredIdentity, Transaction, Trigger } from '@tenure/store';
import { closeCase, openCase } from './cases.ts';
import { isEnding } from './end-confirmed.ts';
import { endTokens } from './end-tokens.ts';
import { endWithTime } from './end-with-time.ts';
import { findNamed, nameIn } from './named-person.ts';
import { notBefore } from './not-before.ts';
import { noticesOfInactivity, noticesOfLife } from './notify-life.ts';
import { noChanges, type PendingChanges } from './pending-changes.ts';
import type { LoopContext, PolicyInForce } from './policy-in-force.ts';
import { accountsOf, questionOf } from './question-of.ts';
import { type Ledger, type PlannedAccount, saveAccounts } from './save-accounts.ts';
import { saveGrants } from './save-grants.ts';
import { saveQuestions } from './save-questions.ts';
import { demandedSponsor, livingSponsors } from './sponsors/living-sponsors.ts';
import { settleSponsors } from './sponsors/settle-sponsors.ts';
import { tendRefusedChanges } from './provision/target-cases.ts';
import { saveTransfer } from './transfer.ts';

/** What was decided: ids, names of targets, states and instants. It goes into Temporal's history, so no personal data. */
export interface Decision {
  /** Targets with something to do, and since when it is wanted; a later instant is a newer decision. */
  readonly work: readonly { readonly target: string; readonly since: Instant }[];
  /** Targets that wait for a person to close a case. */
  readonly waiting: readonly string[];
  /** Targets in which something waits for an operator's hold to end; absent: none. */
  readonly held?: readonly string[];
  readonly stage: Stage;
  /** When to ask again though nothing happens, or `null`. */
  readonly nextWakeUp: Instant | null;
  readonly state: Lifecycle['state'];
  /** A sentence for operators. */
  readonly why: string;
  /** Whether a life has to be told: something differs from the decision before, or there is work. */
  readonly changed: boolean;
  /** Whether the date of the next question is another one than before. */
  readonly dateChanged?: boolean;
  /** Of a login: true where the same question asked again, before `nextWakeUp`, would change nothing but the time of the last activity. */
  readonly isSettled?: boolean;
  /** The span of the decision, where the installation is traced: what follows from it goes on from there. */
  readonly traceparent?: string;
}

/**
 * Asks the loop's question about people and saves the answers: read together, answered one by one, saved together. Safe to repeat: the
 * same state gives the same answer.
 * @param policy asked for in this transaction before anybody is held, so that no other version comes into force until it ends
 * @param created those who were made in this transaction, as they are stored: nobody else sees them, so they are neither held nor read
 * @param judge sees what would become of each of them before anything is written; what it throws ends the transaction
 * @returns by identity; unknown ones are left out
 */
export async function decidePeople(
  tx: Transaction,
  context: LoopContext,
  policy: Promise<PolicyInForce>,
  identityIds: readonly string[],
  trigger: Trigger,
  created: ReadonlyMap<string, Person>,
  judge?: (changes: ReadonlyMap<string, PersonChange>) => Promise<void>,
): Promise<ReadonlyMap<string, Decision>> {
  const wave = new Map<string, PersonChange>();
  const ledger: Ledger = { changes: noChanges(), audit: tx.audit, context: tx.context, ...(judge === undefined ? {} : { wave }) };
  const decisions = new Map<string, Decision>();
  const known = identityIds.filter((id) => !created.has(id));
  const [inForce, locked] = await Promise.all([policy, known.length > 0 ? tx.people.lock(known) : []]);
  const people = [...identityIds.flatMap((id) => created.get(id) ?? []), ...locked];
  const asked = people.map((person) => {
    const now = notBefore(tx.context.now, person.identity.decidedAt);
    return { person, question: questionOf(person, inForce.policy, context.configuration, now) };
  });
  const lives = await livingSponsors(
    tx,
    context.configuration,
    inForce.policy,
    demandedSponsor(inForce.policy) === null ? [] : asked.map(({ question }) => mergeFacts(question)),
  );
  for (const { person, question } of asked) {
    const { id } = person.identity;
    decisions.set(id, decidePerson(ledger, context, inForce, person, { ...question, sponsorLives: lives.get(id) }, trigger));
  }
  await judge?.(wave);
  await saveChanges(tx, context, ledger.changes, inForce.policy, trigger);
  return decisions;
}

function decidePerson(
  ledger: Ledger,
  context: LoopContext,
  { policy, managed }: PolicyInForce,
  person: Person,
  question: AccessQuestion,
  trigger: Trigger,
): Decision {
  const { identity: before } = person;
  const { now, reportedActivity: seen = [] } = question;
  const access = decideAccess(question);
  const { identity, lifecycle, grants } = access;
  const { changes, audit } = ledger;
  const policyVersion = policy.version;
  // The cause comes first: grants and accounts follow from where the life stands.
  if (before.lifecycle === null || before.state !== lifecycle.state) {
    audit.record({
      action: 'identity.stateChanged',
      subjectKind: 'identity',
      subjectId: before.id,
      identityId: before.id,
      reason: {
        from: before.lifecycle === null ? null : before.state,
        to: lifecycle.state,
        why: lifecycle.why,
        rule: lifecycle.rule,
        policyVersion,
        recordIds: lifecycle.recordIds,
        trigger,
      },
    });
  }
  saveGrants(changes, audit, { identityId: before.id, held: person.grants, decision: access, policyVersion, now });
  const questions = saveQuestions(changes, access, policy, before.questions);
  saveTransfer(changes, policy, before, access, { held: person.grants, accounts: person.accounts });
  endWithTime(changes, audit, person, access, now);
  if (lifecycle.state !== 'active') changes.sessionsOf.push({ identityId: before.id, reason: lifecycle.why });

  const existing = person.accounts;
  const desired = accountsOf(person, access, policy, context, now);
  const { entitlements } = policy.document;
  const standing = { identity: before, lifecycle: before.lifecycle, grants: person.grants, accounts: existing.map((account) => account.desired), entitlements };
  const next = { identity, lifecycle, grants, accounts: desired, entitlements };
  ledger.wave?.set(before.id, { changes: waveChanges(standing, next, now), before: itemState(standing, now), after: itemState(next, now) });
  const held = grantsAt(grants, now);
  const planned = saveAccounts(ledger, {
    identity,
    lifecycle,
    policy,
    configuration: context.configuration,
    managed,
    grants: held,
    desired,
    existing,
    operations: person.operations,
    holds: person.holds,
    now,
  });
  const { accounts, lookAt } = readAgain(context.configuration, { lifecycle, policy, timeZone: identity.timeZone, holds: person.holds, now }, planned);
  const released = holdsEnd(person.holds, accounts, now);
  const deadline = watchEnd(changes, context, lifecycle, accounts, now);

  const after: StoredIdentity = {
    ...identity,
    state: lifecycle.state,
    lifecycle,
    ...access.memory,
    idleSince: access.memory.idleSince ?? null,
    lastActivityAt: access.lastActivityAt,
    reportedActivity: seen,
    questions,
    policyVersion,
    nextWakeUp: earliest(access.nextWakeUp, deadline, lookAt, released),
    decidedAt: now,
    revision: before.revision + 1,
  };
  changes.identities.push(after);
  changes.notices.push(...noticesOfLife(before, lifecycle, now), ...noticesOfInactivity(before, lifecycle));
  changes.decided.push({ before, after, sponsorship: person.sponsorship, sponsorLives: question.sponsorLives });
  const isConcerned = before.state !== after.state || haveGrantsChanged(changes, before.id) || hasOthersAbove(policy, before, after);
  if (before.lifecycle !== null && isConcerned) changes.concerned.push(before.id);
  const isSettled = holdsUntilWakeUp(person, { access, policy, accounts, questions, sponsorLives: question.sponsorLives });
  return { ...decisionFrom(before, after, lifecycle, accounts, trigger), ...(trigger === 'login' ? { isSettled } : {}) };
}

interface Outcome {
  readonly access: Pick<AccessDecision, 'identity' | 'lifecycle' | 'grants'>;
  readonly policy: Policy;
  readonly accounts: readonly PlannedAccount[];
  /** Keys of the cases that it raises. */
  readonly questions: readonly string[];
  readonly sponsorLives: boolean | undefined;
}

/**
 * Whether a login that says the same may be let in without asking again: nothing is open, nothing is held back, and nothing rests on other people.
 * In doubt it is asked again, and always for whoever has rights in Tenure, or will have.
 */
function holdsUntilWakeUp(
  { holds }: Person,
  { access: { identity, lifecycle, grants }, policy: { document }, accounts, questions, sponsorLives }: Outcome,
): boolean {
  const { sponsor } = document.relations ?? {};
  const restsOnOthers = sponsorLives !== undefined || (sponsor !== undefined && nameIn(identity, sponsor) !== null);
  const isPlain = lifecycle.state === 'active' && (lifecycle.inactivity ?? null) === null;
  const isWatched = lifecycle.state === 'active' && lifecycle.inactivity?.standing === 'watched';
  const hasRights = grants.some(({ kind, name }) => {
    const entitlement = kind === 'entitlement' ? document.entitlements[name] : undefined;
    return entitlement?.target === TENURE_TARGET && entitlement.value !== 'self';
  });
  return (
    (isPlain || isWatched) &&
    !restsOnOthers &&
    !hasRights &&
    questions.length === 0 &&
    holds.length === 0 &&
    accounts.every(({ standing, isHeld }) => standing === 'settled' && !isHeld)
  );
}

async function saveChanges(tx: Transaction, { configuration }: LoopContext, changes: PendingChanges, policy: Policy, trigger: Trigger): Promise<void> {
  const ended = await tx.people.save(changes, tx.context.now);
  const gone = changes.decided.filter(({ before, after }) => !isEnding(before.state) && isEnding(after.state)).map(({ before }) => before.id);
  await endTokens(tx, { personIds: gone, since: null, why: 'whoever made it has left' });
  const sponsors = await settleSponsors(tx, configuration, policy, changes.decided, trigger);
  const states = new Map(changes.identities.map(({ id, state }) => [id, state]));
  for (const { identityId, reason } of changes.sessionsOf) {
    const count = ended.get(identityId) ?? 0;
    if (count > 0)
      tx.audit.record({
        action: 'sessions.revoked',
        subjectKind: 'identity',
        subjectId: identityId,
        identityId,
        reason: { count, state: states.get(identityId), why: reason },
      });
  }
  for (const { ownerNamed = null, isSponsors = false, ...wanted } of changes.cases) {
    const ownerId = isSponsors ? (sponsors.get(wanted.identityId ?? '') ?? null) : ownerNamed && (await findNamed(tx, configuration, ownerNamed));
    await openCase(tx, isSponsors || ownerNamed !== null ? { ...wanted, ownerId } : wanted);
  }
  if (changes.answered.length > 0)
    for (const open of await tx.cases.openOfKeys(changes.answered)) await closeCase(tx, open, 'answered itself: it no longer holds');
  for (const { id, endedWith } of changes.changedExceptions) {
    if (endedWith === 'restored') await tx.separationExceptions.restore(id);
    else if (endedWith === 'for good') await tx.separationExceptions.revoke(id, tx.context.now);
    else await tx.separationExceptions.endWith(id, endedWith, tx.context.now);
  }
  await tx.notices.add(...changes.notices);
  if (changes.concerned.length > 0) {
    await tx.requests.wakeAbout(changes.concerned, tx.context.correlationId, tx.context.now);
    await tx.cases.tendAbout(changes.concerned, tx.context.now);
  }
  for (const { id } of changes.superseded) await closeCase(tx, await tx.cases.openOfOperation(id), 'superseded by a newer decision');
  await tendRefusedChanges(tx, changes.superseded);
}

function haveGrantsChanged({ newGrants, changedGrants }: PendingChanges, identityId: string): boolean {
  return [newGrants, changedGrants].some((grants) => grants.some((grant) => grant.identityId === identityId));
}

/** Whether their manager or sponsor is another than before: whoever is asked in that place is asked no longer. */
function hasOthersAbove({ document: { relations = {} } }: Policy, before: StoredIdentity, after: StoredIdentity): boolean {
  return Object.values(relations).some((relation) => nameIn(before, relation)?.value !== nameIn(after, relation)?.value);
}

function decisionFrom(before: StoredIdentity, after: StoredIdentity, lifecycle: Lifecycle, accounts: readonly PlannedAccount[], trigger: Trigger): Decision {
  const unsettled = accounts.filter(({ account }) => account.confirmedAt === null && account.notVisibleAt === null);
  const work = accounts.filter(({ standing }) => standing === 'work').map(({ account }) => ({ target: account.target, since: account.desiredSince }));
  const waiting = unsettled.filter(({ standing, isHeld }) => standing === 'waits' && !isHeld).map(({ account }) => account.target);
  const held = accounts.filter(({ isHeld }) => isHeld).map(({ account }) => account.target);
  const ending = lifecycle.state === 'leaving' || lifecycle.state === 'left';
  const never = accounts.every(({ account }) => account.observed === null);
  const stage: Stage = work.length > 0 ? (ending ? 'leaving' : never ? 'onboarding' : 'change') : waiting.length + held.length > 0 ? 'waiting' : 'idle';
  const dateChanged = before.nextWakeUp !== after.nextWakeUp;
  // Each login makes inactivity later. A life that sleeps until the earlier date finds the later one then: no login has to wake it for that.
  const isLater = trigger === 'login' && before.nextWakeUp !== null && (after.nextWakeUp === null || after.nextWakeUp > before.nextWakeUp);
  const changed = work.length > 0 || (dateChanged && !isLater);
  return {
    work,
    waiting,
    ...(held.length > 0 ? { held } : {}),
    stage,
    nextWakeUp: after.nextWakeUp,
    state: lifecycle.state,
    why: lifecycle.why,
    changed,
    dateChanged,
  };
}

/**
 * Accounts that are work though nothing differs, since they are to be read: hours after a leaver's end was confirmed, to be closed
 * again where somebody has opened them; before somebody is warned or disabled of whom only the target may know that they are active; and from
 * time to time where the target could not show something.
 */
function readAgain(
  { targets }: Configuration,
  {
    lifecycle,
    policy,
    timeZone,
    holds,
    now,
  }: { readonly lifecycle: Lifecycle; readonly policy: Policy; readonly timeZone: string; readonly holds: readonly Hold[]; readonly now: Instant },
  planned: readonly PlannedAccount[],
): { readonly accounts: readonly PlannedAccount[]; readonly lookAt: Instant | null } {
  let lookAt: Instant | null = null;
  const accounts = planned.map((one): PlannedAccount => {
    const { account, standing } = one;
    const { observed, observedAt, target } = account;
    const confirmedAt = account.confirmedAt ?? account.notVisibleAt;
    const mayTell = targets[target]?.lastActivity !== undefined && observed !== null;
    const due = earliest(
      lookAgainAt({ lifecycle, policy, timeZone, confirmedAt, observedAt }) ?? (mayTell ? readForActivityAt(lifecycle.inactivity, observedAt, timeZone) : null),
      readUnseenAt(account.notVisibleAt, observedAt),
    );
    if (due === null) return one;
    if (due <= now && standing === 'settled')
      return isTargetHeld(holds, target, now) ? { account, standing: 'waits', isHeld: true } : { ...one, standing: 'work' };
    if (due <= now) return one;
    lookAt = earlier(lookAt, due);
    return one;
  });
  return { accounts, lookAt };
}

/** When the next hold is over that something waits for; `null`: nothing does. */
function holdsEnd(holds: readonly Hold[], accounts: readonly PlannedAccount[], now: Instant): Instant | null {
  const waiting = accounts.filter(({ isHeld }) => isHeld).map(({ account }) => account.target);
  const concerned = holds.filter(({ kind, target, until }) => until > now && waiting.length > 0 && (kind !== 'target' || waiting.includes(target ?? '')));
  return earliest(...concerned.map(({ until }) => until));
}

/** An end that is not confirmed in time is an operator's to see; one that was and now is confirmed closes by itself. */
function watchEnd(
  changes: PendingChanges,
  { configuration }: LoopContext,
  lifecycle: Lifecycle,
  accounts: readonly PlannedAccount[],
  now: Instant,
): Instant | null {
  if (lifecycle.state !== 'leaving' && lifecycle.state !== 'left') return null;
  let next: Instant | null = null;
  for (const { account } of accounts) {
    if (account.confirmedAt !== null || account.notVisibleAt !== null) continue;
    const deadline = new Date(Date.parse(account.desiredSince) + (configuration.targets[account.target]?.confirmWithin ?? 0)).toISOString();
    if (deadline > now) next = earlier(next, deadline);
    else changes.cases.push(endNotConfirmed(account));
  }
  return next;
}

function endNotConfirmed(account: StoredAccount): NewCase {
  return {
    kind: 'end-not-confirmed',
    key: `end-not-confirmed/${account.id}`,
    identityId: account.identityId,
    target: account.target,
    operationId: null,
    evidence: { target: account.target, wantedSince: account.desiredSince, wanted: account.desired.state },
  };
}

function earlier(a: Instant | null, b: Instant | null): Instant | null {
  return a === null ? b : b === null || a < b ? a : b;
}
