import { Forbidden, InputInvalid, NotFound } from '@tenure/domain';
import type { Finding, StoredAccount, Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { correctAccounts } from '../reconciliation/correct-accounts.ts';
import { auditQuarantine } from './quarantine.ts';
import { settleFindings } from './settle-findings.ts';
import { tendQuarantineCases } from './tend-quarantine-cases.ts';

export interface AdoptionWish {
  readonly findingId: string;
  readonly identityId: string;
  /** `adoptBy`: the value of that attribute is theirs alone; `decision`: an administrator has decided. */
  readonly by: 'adoptBy' | 'decision';
  /** Id of the person who decides, or who made the token that does; absent: no person. */
  readonly personId?: string | null;
}

/**
 * Binds an account of nobody to a person: from now on it is theirs, and the ordinary path brings it into its desired state. Not one that bears another's
 * mark or is known as another's, and not for a person who has an account there already, or is to have none.
 * @returns the person's account
 * @throws NotFound, InputInvalid; Forbidden for oneself
 */
export async function adoptAccount(tx: Transaction, engine: Engine, { findingId, identityId, by, personId = null }: AdoptionWish): Promise<StoredAccount> {
  const { finding, account } = await mustBeAdoptable(tx, { findingId, identityId, personId });
  const { target, nativeId } = finding;
  const { now } = tx.context;
  const bound: StoredAccount = {
    ...account,
    nativeId,
    observed: null,
    observedAt: null,
    existed: true,
    confirmedAt: null,
    notVisibleAt: null,
    driftedAt: null,
    protectedAt: null,
    // A worker that has read the account before changes nothing any more, as after a decision.
    desiredSince: now > account.desiredSince ? now : new Date(Date.parse(account.desiredSince) + 1).toISOString(),
  };
  await tx.access.saveAccount(bound);
  await tx.findings.close([findingId], now);
  tx.audit.record({
    action: 'account.adopted',
    subjectKind: 'account',
    subjectId: bound.id,
    identityId,
    reason: { target, findingId, by },
  });
  await leaveQuarantine(tx, target, nativeId);
  await correctAccounts(tx, engine, [bound.id]);
  await settleFindings(tx, engine, target);
  return bound;
}

/**
 * What Tenure knows of an account of nobody and of the person to whom it is to be bound, if that is possible. The person is locked.
 * @throws NotFound, InputInvalid; Forbidden for oneself
 */
export async function mustBeAdoptable(
  tx: Transaction,
  { findingId, identityId, personId = null }: Pick<AdoptionWish, 'findingId' | 'identityId' | 'personId'>,
): Promise<{ readonly finding: Finding & { readonly nativeId: string }; readonly account: StoredAccount }> {
  if (identityId === personId) throw new Forbidden('You cannot bind an account to yourself.');
  const finding = await mustBeOpen(tx, findingId);
  const { target, nativeId } = finding;
  await tx.access.takeTurnOf(target, nativeId);
  const [person] = await tx.people.lock([identityId]);
  if (person === undefined) throw new NotFound(`identityId: there is no identity ${identityId}`, { identityId });
  const { markedFor } = finding.evidence;
  if (markedFor !== undefined && markedFor !== identityId) throw new InputInvalid('identityId: the account bears the mark of another person', { findingId });
  const owner = await tx.access.ownerOf(target, nativeId);
  if (owner !== null) throw new InputInvalid('findingId: the account is known as a person’s by now: the next run closes its finding', { findingId });
  const account = person.accounts.find((one) => one.target === target);
  if (account?.nativeId != null) throw new InputInvalid(`identityId: the person has an account in ${target} already`, { identityId, target });
  if (account === undefined || account.desired.state === 'absent')
    throw new InputInvalid(`identityId: the person is to have no account in ${target}, so it would be deleted: grant them access there first`, {
      identityId,
      target,
    });
  return { finding, account };
}

async function mustBeOpen(tx: Transaction, findingId: string): Promise<Finding & { readonly nativeId: string }> {
  const [finding] = await tx.findings.openOf([findingId]);
  if (finding === undefined) throw new NotFound(`findingId: no open finding has the id ${findingId}`, { findingId });
  const { kind, accountId, nativeId } = finding;
  if (accountId !== null || nativeId === null || !['orphan-account', 'ownable-account', 'leaver-account'].includes(kind))
    throw new InputInvalid('findingId: only an account that Tenure does not know can be bound to a person', { findingId });
  return { ...finding, nativeId };
}

async function leaveQuarantine(tx: Transaction, target: string, nativeId: string): Promise<void> {
  const open = await tx.quarantinedAccounts.openOf(target, nativeId);
  if (open === null) return;
  await tx.quarantinedAccounts.save({ ...open, state: 'released', failure: null, nextAt: null, endedAt: tx.context.now, endReason: 'known' });
  auditQuarantine(tx, open, { action: 'quarantine.released', reason: { target, why: 'known' } });
  await tendQuarantineCases(tx, target);
}
