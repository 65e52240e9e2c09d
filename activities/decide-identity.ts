import { decideAccess, desiredAccounts, grantsAt, type Instant, type Lifecycle, NotFound } from '@tenure/domain';
import type { Stage } from '@tenure/temporal';
import type { StoredAccount, StoredIdentity, Transaction, Trigger } from '@tenure/store';
import { openCase } from './cases.ts';
import type { LoopContext, PolicyInForce } from './policy-in-force.ts';
import { type PlannedAccount, saveAccounts } from './save-accounts.ts';
import { saveGrants } from './save-grants.ts';
import { saveQuestions } from './save-questions.ts';
import { authoritativeSources } from './settings-of-source.ts';

/** What was decided: ids, names of targets, states and instants. It goes into Temporal's history, so no personal data. */
export interface Decision {
  /** Targets with something to do, and since when it is wanted; a later instant is a newer decision. */
  readonly work: readonly { readonly target: string; readonly since: Instant }[];
  /** Targets that wait for a person to close a case. */
  readonly waiting: readonly string[];
  readonly stage: Stage;
  /** When to ask again though nothing happens, or `null`. */
  readonly nextWakeUp: Instant | null;
  readonly state: Lifecycle['state'];
  /** A sentence for operators. */
  readonly why: string;
  /** Whether a life has to be told: something differs from the decision before, or there is work. */
  readonly changed: boolean;
  /** The span of the decision, where the installation is traced: what follows from it goes on from there. */
  readonly traceparent?: string;
}

/** Asks the loop's question about one person and saves the answer. Safe to repeat: the same state gives the same answer. */
export async function decideIdentity(
  asked: Transaction,
  context: LoopContext,
  { policy, managed }: PolicyInForce,
  identityId: string,
  trigger: Trigger,
): Promise<Decision> {
  const before = await asked.identities.lock(identityId);
  if (before === null) throw new NotFound(`there is no identity ${identityId}`, { identityId });
  const tx = notBefore(asked, before.decidedAt);
  const { now } = tx.context;
  const { precedence, timeZone } = context.configuration;

  const records = await tx.identities.recordsOf(identityId);
  const authoritative = authoritativeSources(context.configuration);
  const access = decideAccess({ ...before, records, precedence, authoritative, now, timeZone, policy, memory: before, exceptions: [] });
  const { identity, lifecycle, grants } = access;
  await saveGrants(tx, identityId, access, policy.version);
  const questions = await saveQuestions(tx, access, policy.version, before.questions);
  if (lifecycle.state !== 'active') await endSessions(tx, identityId, lifecycle);

  const existing = await tx.access.accountsOf([identityId]);
  const known = existing.map(({ target, existed, everEnabled }) => ({ target, everExisted: existed, everEnabled }));
  const desired = desiredAccounts({ identity, lifecycle, grants, policy, mappings: context.mappings, existing: known, now });
  const accounts = await saveAccounts(tx, { identity, lifecycle, policy, managed, grants: grantsAt(grants, now), desired, existing });
  const deadline = await watchEnd(tx, context, lifecycle, accounts);

  const after: StoredIdentity = {
    ...identity,
    state: lifecycle.state,
    lifecycle,
    ...access.memory,
    questions,
    policyVersion: policy.version,
    nextWakeUp: earlier(access.nextWakeUp, deadline),
    decidedAt: now,
    revision: before.revision + 1,
  };
  await tx.identities.save(after);
  if (before.lifecycle === null || before.state !== after.state) {
    tx.audit.record({
      action: 'identity.stateChanged',
      subjectKind: 'identity',
      subjectId: identityId,
      identityId,
      reason: {
        from: before.lifecycle === null ? null : before.state,
        to: after.state,
        why: lifecycle.why,
        rule: lifecycle.rule,
        policyVersion: policy.version,
        recordIds: lifecycle.recordIds,
        trigger,
      },
    });
  }
  return decisionFrom(before, after, lifecycle, accounts);
}

/**
 * Time never runs backwards for a person: a question that was asked earlier but comes later (a slow worker, another machine's
 * clock) must not undo an end that has been decided meanwhile.
 */
function notBefore(tx: Transaction, decidedAt: Instant | null): Transaction {
  return decidedAt === null || decidedAt <= tx.context.now ? tx : { ...tx, context: { ...tx.context, now: decidedAt } };
}

function decisionFrom(before: StoredIdentity, after: StoredIdentity, lifecycle: Lifecycle, accounts: readonly PlannedAccount[]): Decision {
  const unsettled = accounts.filter(({ account }) => account.confirmedAt === null);
  const work = unsettled.filter(({ standing }) => standing === 'work').map(({ account }) => ({ target: account.target, since: account.desiredSince }));
  const waiting = unsettled.filter(({ standing }) => standing === 'waits').map(({ account }) => account.target);
  const ending = lifecycle.state === 'leaving' || lifecycle.state === 'left';
  const never = accounts.every(({ account }) => account.observed === null);
  const stage: Stage = work.length > 0 ? (ending ? 'leaving' : never ? 'onboarding' : 'change') : waiting.length > 0 ? 'waiting' : 'idle';
  const changed = work.length > 0 || before.nextWakeUp !== after.nextWakeUp;
  return { work, waiting, stage, nextWakeUp: after.nextWakeUp, state: lifecycle.state, why: lifecycle.why, changed };
}

async function endSessions(tx: Transaction, identityId: string, lifecycle: Lifecycle): Promise<void> {
  const revoked = await tx.sessions.revokeAll(identityId, lifecycle.why, tx.context.now);
  if (revoked > 0)
    tx.audit.record({
      action: 'sessions.revoked',
      subjectKind: 'identity',
      subjectId: identityId,
      identityId,
      reason: { count: revoked, state: lifecycle.state, why: lifecycle.why },
    });
}

/** An end that is not confirmed in time is an operator's to see; one that was and now is confirmed closes by itself. */
async function watchEnd(tx: Transaction, { configuration }: LoopContext, lifecycle: Lifecycle, accounts: readonly PlannedAccount[]): Promise<Instant | null> {
  if (lifecycle.state !== 'leaving' && lifecycle.state !== 'left') return null;
  let next: Instant | null = null;
  for (const { account } of accounts) {
    if (account.confirmedAt !== null) continue;
    const deadline = new Date(Date.parse(account.desiredSince) + (configuration.targets[account.target]?.confirmWithin ?? 0)).toISOString();
    if (deadline > tx.context.now) next = earlier(next, deadline);
    else await openEndNotConfirmed(tx, account);
  }
  return next;
}

async function openEndNotConfirmed(tx: Transaction, account: StoredAccount): Promise<void> {
  await openCase(tx, {
    kind: 'end-not-confirmed',
    key: `end-not-confirmed/${account.id}`,
    identityId: account.identityId,
    target: account.target,
    operationId: null,
    evidence: { target: account.target, wantedSince: account.desiredSince, wanted: account.desired.state },
  });
}

function earlier(a: Instant | null, b: Instant | null): Instant | null {
  return a === null ? b : b === null || a < b ? a : b;
}
