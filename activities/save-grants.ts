import { randomUUID } from 'node:crypto';
import type { AccessDecision, Grant, Origin } from '@tenure/domain';
import type { StoredGrant, Transaction } from '@tenure/store';
import { sameJson } from './same-json.ts';

/** Brings the stored grants to what policy answers. Each that comes, changes or goes is audited with all its origins. */
export async function saveGrants(tx: Transaction, identityId: string, decision: AccessDecision, policyVersion: number): Promise<void> {
  const held = new Map((await tx.access.currentGrants([identityId])).map((grant) => [keyOf(grant), grant]));
  const added: StoredGrant[] = [];
  for (const grant of decision.grants) {
    const known = held.get(keyOf(grant));
    held.delete(keyOf(grant));
    if (known === undefined) added.push({ ...grant, id: randomUUID(), identityId, grantedAt: tx.context.now, endedAt: null, endReason: null });
    else if (!sameJson(known.origins.map(withoutVersion), grant.origins.map(withoutVersion))) await change(tx, known, grant, policyVersion);
  }
  await tx.access.insertGrants(added);
  for (const grant of added) audit(tx, 'grant.given', grant, { origins: grant.origins, policyVersion });
  for (const grant of held.values()) await end(tx, grant, decision, policyVersion);
}

async function change(tx: Transaction, known: StoredGrant, grant: Grant, policyVersion: number): Promise<void> {
  await tx.access.updateGrant({ ...known, ...grant });
  audit(tx, 'grant.changed', { ...known, ...grant }, { origins: grant.origins, before: known.origins, policyVersion });
}

async function end(tx: Transaction, grant: StoredGrant, decision: AccessDecision, policyVersion: number): Promise<void> {
  const { now } = tx.context;
  const { lifecycle } = decision;
  const why = whyEnded(grant, decision, now);
  await tx.access.updateGrant({ ...grant, endedAt: now, endReason: why });
  audit(tx, 'grant.ended', grant, { why, origins: grant.origins, policyVersion, recordIds: lifecycle.recordIds });
}

function whyEnded({ name, origins, validUntil }: StoredGrant, { lifecycle, violations }: AccessDecision, now: string): string {
  if (lifecycle.state === 'leaving' || lifecycle.state === 'left') return lifecycle.why;
  if (validUntil !== null && validUntil <= now) return 'its time is over';
  const conflict = violations.find(({ heldBack }) => heldBack.includes(name) || origins.some(({ viaRole }) => viaRole !== null && heldBack.includes(viaRole)));
  return conflict === undefined ? 'nothing that gave it holds any more' : `held back by separation rule ${conflict.rule}`;
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

function keyOf({ kind, name }: Pick<StoredGrant, 'kind' | 'name'>): string {
  return `${kind} ${name}`;
}

/** A new policy version that says the same changes nothing: the grant keeps the version that gave it. */
function withoutVersion({ policyVersion: _policyVersion, ...origin }: Origin): Omit<Origin, 'policyVersion'> {
  return origin;
}
