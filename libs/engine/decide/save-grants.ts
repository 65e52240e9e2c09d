import { randomUUID } from 'node:crypto';
import { type AuditAction, type AccessDecision, type Grant, heldUntil, type Instant, type Origin } from '@tenure/domain';
import type { Audit, StoredGrant } from '@tenure/store';
import type { PendingChanges } from './pending-changes.ts';
import { sameJson } from './same-json.ts';

/** What grants are saved from. */
export interface GrantsToSave {
  readonly identityId: string;
  /** Those that have not ended. */
  readonly held: readonly StoredGrant[];
  readonly decision: AccessDecision;
  readonly policyVersion: number;
  readonly now: Instant;
}

/** Brings the stored grants to what policy answers. Each that comes, changes or goes is audited with all its origins. */
export function saveGrants(changes: PendingChanges, audit: Audit, { identityId, held, decision, policyVersion, now }: GrantsToSave): void {
  // Nothing is held beyond the person's own end.
  const until = (grant: Grant) => ({ heldUntil: heldUntil(grant, decision.identity, now) });
  const gone = new Map(held.map((grant) => [keyOf(grant), grant]));
  for (const grant of rolesFirst(decision.grants)) {
    const known = gone.get(keyOf(grant));
    gone.delete(keyOf(grant));
    if (known === undefined) {
      const added: StoredGrant = { ...grant, id: randomUUID(), identityId, grantedAt: now, endedAt: null, endReason: null };
      changes.newGrants.push(added);
      tell(audit, 'grant.given', added, { ...until(grant), origins: grant.origins, policyVersion });
    } else if (!sameJson(known.origins.map(withoutVersion), grant.origins.map(withoutVersion))) {
      changes.changedGrants.push({ ...known, ...grant });
      tell(audit, 'grant.changed', { ...known, ...grant }, { ...until(grant), origins: grant.origins, before: known.origins, policyVersion });
    }
  }
  for (const grant of rolesFirst([...gone.values()])) {
    const why = whyEnded(grant, decision, now);
    changes.changedGrants.push({ ...grant, endedAt: now, endReason: why });
    tell(audit, 'grant.ended', grant, { why, origins: grant.origins, policyVersion, recordIds: decision.lifecycle.recordIds });
  }
}

/** A role is why its entitlements are held. */
function rolesFirst<G extends Grant>(grants: readonly G[]): readonly G[] {
  return [...grants.filter(({ kind }) => kind === 'role'), ...grants.filter(({ kind }) => kind !== 'role')];
}

function whyEnded({ name, origins, validUntil }: StoredGrant, { lifecycle, violations, missing }: AccessDecision, now: string): string {
  if (lifecycle.state === 'leaving' || lifecycle.state === 'left') return lifecycle.why;
  if (validUntil !== null && validUntil <= now) return 'its time is over';
  if (missing?.isHeld === true) return `held back by lifecycle rule ${missing.rule} until it is known: ${missing.names.join(', ')}`;
  const conflict = violations.find(({ heldBack }) => heldBack.includes(name) || origins.some(({ viaRole }) => viaRole !== null && heldBack.includes(viaRole)));
  return conflict === undefined ? 'nothing that gave it holds any more' : `held back by separation rule ${conflict.rule}`;
}

function tell(audit: Audit, action: AuditAction, grant: StoredGrant, reason: Readonly<Record<string, unknown>>): void {
  audit.record({
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
