import { randomUUID } from 'node:crypto';
import { InputInvalid, OPERATOR_SOURCE } from '@tenure/domain';
import type { StoredRecord, Transaction } from '@tenure/store';

/** Record of operators about this person, locked until the transaction ends; `null`: there is no such person. */
export async function saidOf(tx: Transaction, identityId: string): Promise<StoredRecord | null> {
  const [known] = await tx.records.lock([{ source: OPERATOR_SOURCE, externalId: identityId }]);
  if (known !== undefined) return known;
  if ((await tx.identities.get(identityId)) === null) return null;
  return {
    id: randomUUID(),
    identityId,
    source: OPERATOR_SOURCE,
    externalId: identityId,
    version: '0',
    facts: {},
    groups: null,
    emailTrusted: false,
    status: null,
    endedAt: null,
    endedOn: null,
    userType: null,
    recordedAt: tx.context.now,
  };
}

/** Termination by hand, as the audit has it. */
type WordOfOperator = 'identity.reactivated' | 'identity.terminated' | 'identity.terminationScheduled' | 'identity.terminationLifted';

/** Stores a record of an operator, audited. @param reason may name people: it is kept with the person's key */
export async function say(tx: Transaction, record: StoredRecord, action: WordOfOperator, reason: string): Promise<void> {
  const { identityId } = record;
  const { mergedInto = null } = (identityId === null ? null : await tx.identities.get(identityId)) ?? {};
  if (mergedInto !== null)
    throw new InputInvalid(`identityId: this identity was merged into ${mergedInto}: use that one, or undo the merge (undoRepair)`, { identityId: mergedInto });
  await tx.records.save([], [{ ...record, version: String(BigInt(record.version) + 1n), recordedAt: tx.context.now }]);
  tx.audit.record({
    action,
    subjectKind: 'identity',
    subjectId: record.externalId,
    identityId,
    reason: { recordId: record.id, endedAt: record.endedAt, endedOn: record.endedOn ?? null },
    personal: { reason },
  });
}
