import { randomUUID } from 'node:crypto';
import type { Grant, Lifecycle, Origin } from '@tenure/domain';
import type { StoredGrant, Transaction } from '@tenure/store';
import { sameJson } from './same-json.ts';

/** Brings the stored grants to what policy answers. Each that comes, changes or goes is audited with all its origins. */
export async function saveGrants(tx: Transaction, identityId: string, wanted: readonly Grant[], lifecycle: Lifecycle, policyVersion: number): Promise<void> {
  const held = new Map((await tx.access.currentGrants([identityId])).map((grant) => [keyOf(grant), grant]));
  const added: StoredGrant[] = [];
  for (const grant of wanted) {
    const known = held.get(keyOf(grant));
    held.delete(keyOf(grant));
    if (known === undefined) added.push({ ...grant, id: randomUUID(), identityId, grantedAt: tx.context.now, endedAt: null, endReason: null });
    else if (!sameJson(known.origins.map(withoutVersion), grant.origins.map(withoutVersion))) await change(tx, known, grant, policyVersion);
  }
  await tx.access.insertGrants(added);
  for (const grant of added) audit(tx, 'grant.given', grant, { origins: grant.origins, policyVersion });
  for (const grant of held.values()) await end(tx, grant, lifecycle, policyVersion);
}

async function change(tx: Transaction, known: StoredGrant, grant: Grant, policyVersion: number): Promise<void> {
  await tx.access.updateGrant({ ...known, ...grant });
  audit(tx, 'grant.changed', { ...known, ...grant }, { origins: grant.origins, before: known.origins, policyVersion });
}

async function end(tx: Transaction, grant: StoredGrant, lifecycle: Lifecycle, policyVersion: number): Promise<void> {
  const { now } = tx.context;
  const isOver = grant.validUntil !== null && grant.validUntil <= now;
  const why = lifecycle.state === 'leaving' || lifecycle.state === 'left' ? lifecycle.why : isOver ? 'its time is over' : 'nothing that gave it holds any more';
  await tx.access.updateGrant({ ...grant, endedAt: now, endReason: why });
  audit(tx, 'grant.ended', grant, { why, origins: grant.origins, policyVersion, recordIds: lifecycle.recordIds });
}

function audit(tx: Transaction, action: string, grant: StoredGrant, reason: Readonly<Record<string, unknown>>): void {
  tx.audit.record({
    action,
    subjectKind: 'grant',
    subjectId: grant.id,
    identityId: grant.identityId,
    reason: { kind: grant.kind, name: grant.name, validFrom: grant.validFrom, validUntil: grant.validUntil, ...reason },
  });
}

function keyOf({ kind, name }: Grant): string {
  return `${kind} ${name}`;
}

/** A new policy version that says the same changes nothing: the grant keeps the version that gave it. */
function withoutVersion({ policyVersion: _policyVersion, ...origin }: Origin): Omit<Origin, 'policyVersion'> {
  return origin;
}
