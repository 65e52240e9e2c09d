import { randomUUID } from 'node:crypto';
import { CaseClosed, Forbidden, InputInvalid, type Instant } from '@tenure/domain';
import type { Case, CaseOf, StoredSeparationException, Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { answersFor } from '../approvers/answering-owners.ts';
import { exceptionEvent } from './exception-event.ts';
import { wake } from '../decide/wake.ts';
import { currentPolicy } from '../policy/read-policy.ts';
import { decideIdentity } from '../decide/decide-identities.ts';

/** An SoD exception as the owner of the rule grants it. */
export interface WantedException {
  readonly caseId: string;
  /** Names of the roles and entitlements in conflict, as the owner has seen them in the case. */
  readonly names: readonly string[];
  /** Compensating control. */
  readonly control: string;
  readonly until: Instant;
  readonly reason: string;
  /** A person. */
  readonly by: string;
}

/** Milliseconds: an exception that is needed for longer than a year is reviewed once a year. */
const longest = 366 * 24 * 3600 * 1000;

/**
 * Grants an SoD exception until an instant: by the rule's owner, from the case about the conflict. The person is decided again: withheld access is
 * given, the case is closed; at the end both are as before.
 * @throws Forbidden to anybody but an owner of the rule, also when there is no such case; InputInvalid, CaseClosed
 */
export async function grantException(tx: Transaction, engine: Engine, wanted: WantedException): Promise<StoredSeparationException> {
  const { caseId, control, until, reason, by } = wanted;
  const { now, actor } = tx.context;
  const { found, rule, identityId } = await separationCase(tx, engine, caseId, by);
  if (found.status !== 'open') throw new CaseClosed('The case is closed: the conflict is gone.', { caseId });
  const names = [...new Set(wanted.names)].sort();
  if (names.join() !== namesOf(found).join()) throw new InputInvalid('input.names must be the conflicting grants that the case shows now', { caseId });
  if (until <= now || Date.parse(until) - Date.parse(now) > longest) throw new InputInvalid('input.until must be in the future, at most a year ahead');
  const exception: StoredSeparationException = {
    id: randomUUID(),
    identityId,
    caseId,
    rule,
    names,
    control,
    reason,
    grantedBy: by,
    validFrom: now,
    validUntil: until,
    revokedAt: null,
  };
  await tx.separationExceptions.insert(exception);
  tx.audit.record(exceptionEvent('separation.excepted', exception, { by, until, caseId }, { reason, control }));
  await tx.cases.close(caseId, `${actor.kind} ${actor.id}`, 'excepted', now);
  tx.audit.record({ action: 'case.closed', subjectKind: 'case', subjectId: caseId, identityId, reason: { kind: found.kind, resolution: 'excepted' } });
  await decideAgain(tx, engine, identityId);
  return exception;
}

/**
 * Revokes an exception: by the rule's owner, or an operator. Its roles and entitlements are in conflict again. @throws Forbidden also when there is
 * none
 */
export async function endException(
  tx: Transaction,
  engine: Engine,
  { id, reason }: { readonly id: string; readonly reason: string },
  by: { readonly id: string; readonly isPerson: boolean; readonly isOperator: boolean },
): Promise<StoredSeparationException> {
  const known = await tx.separationExceptions.get(id);
  if (known === null || !(by.isOperator || (by.isPerson && (await isOwner(tx, engine, known, by.id)))))
    throw new Forbidden('Only the owner of the separation-of-duties rule, and operators, can end this exception.');
  await tx.identities.lock(known.identityId);
  const { now } = tx.context;
  const exception = (await tx.separationExceptions.get(id)) ?? known;
  // An exception that ended with the person's relationship may be restored with it: revoking ends it for good.
  const isOver = exception.revokedAt !== null && (exception.endedWith ?? null) === null;
  if (isOver || exception.validUntil <= now) return exception;
  await tx.separationExceptions.revoke(id, now);
  tx.audit.record(exceptionEvent('separation.exceptionEnded', exception, { why: 'revoked', by: by.id }, { reason }));
  await decideAgain(tx, engine, exception.identityId);
  return { ...exception, revokedAt: now, endedWith: null };
}

/** Case, locked with the person it is about, where this person may grant an exception. @throws Forbidden */
async function separationCase(
  tx: Transaction,
  engine: Engine,
  caseId: string,
  by: string,
): Promise<{ readonly found: SeparationCase; readonly rule: string; readonly identityId: string }> {
  const known = await tx.cases.get(caseId);
  const { rule } = (isSeparation(known) && known.evidence) || {};
  const identityId = known?.identityId ?? null;
  const isTheirs = rule !== undefined && identityId !== null && (await isOwner(tx, engine, { rule, identityId }, by));
  if (!isSeparation(known) || !isTheirs) throw new Forbidden('Only the owner of the separation-of-duties rule can grant an exception.', { caseId });
  // The person first, as everywhere: a decision about them closes the case.
  await tx.identities.lock(identityId);
  const held = await tx.cases.lock(caseId);
  return { found: isSeparation(held) ? held : known, rule, identityId };
}

type SeparationCase = CaseOf<'separation-violation' | 'separation-conflict'>;

function isSeparation(found: Case | null): found is SeparationCase {
  return found?.kind === 'separation-violation' || found?.kind === 'separation-conflict';
}

/** True for the owner of the rule, or a deputy: never about themselves, nor as the deputy of the person concerned. */
async function isOwner(
  tx: Transaction,
  engine: Engine,
  { rule, identityId }: { readonly rule: string; readonly identityId: string },
  by: string,
): Promise<boolean> {
  const policy = await currentPolicy(tx, engine);
  const owner = policy.document.separation.find(({ name }) => name === rule)?.owner;
  return owner !== undefined && answersFor(tx, engine, [owner], identityId, by);
}

function namesOf({ evidence: { names = [] } }: SeparationCase): readonly string[] {
  return names.toSorted();
}

async function decideAgain(tx: Transaction, engine: Engine, identityId: string): Promise<void> {
  if ((await decideIdentity(tx, engine, identityId, 'decision')).changed) await wake(tx, identityId, 'decision');
}
