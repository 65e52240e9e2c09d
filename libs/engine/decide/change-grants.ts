import { type AccessDecision, type AuditReasons, type Grant, grantedUntil, type Instant, newAuditContent, type Origin } from '@tenure/domain';
import type { AuditEntry, StoredGrant } from '@tenure/store';
import type { ChangedGrants, DecidedPerson, Terms } from './effects.ts';
import { sameJson } from './same-json.ts';

/**
 * Differences between a person's stored grants and those that policy gives. Each grant that is added, changed or ended is audited with all its
 * origins.
 */
export function changeGrants(
  { person, question, access }: DecidedPerson,
  { newId }: Pick<Terms, 'newId'>,
): ChangedGrants & { readonly audit: readonly AuditEntry[] } {
  const identityId = person.identity.id;
  const { now, policy } = question;
  const { version: policyVersion } = policy;
  // No grant lasts longer than the person's own end.
  const until = (grant: Grant) => ({ heldUntil: grantedUntil(grant, access.identity, now) });
  const known = new Map(person.grants.map((grant) => [keyOf(grant), grant]));
  const wanted = rolesFirst(access.grants).map((grant) => ({ grant, before: known.get(keyOf(grant)) }));
  const keys = new Set(access.grants.map(keyOf));
  const given: StoredGrant[] = [];
  const changed: StoredGrant[] = [];
  const audit: AuditEntry[] = [];
  for (const { grant, before } of wanted) {
    if (before === undefined) {
      const added: StoredGrant = { ...grant, id: newId(), identityId, grantedAt: now, endedAt: null, endReason: null };
      given.push(added);
      audit.push(entryOf('grant.given', added, { ...until(grant), origins: grant.origins, policyVersion }));
    } else if (!sameJson(before.origins.map(withoutVersion), grant.origins.map(withoutVersion))) {
      const after = { ...before, ...grant };
      changed.push(after);
      audit.push(entryOf('grant.changed', after, { ...until(grant), origins: grant.origins, before: before.origins, policyVersion }));
    }
  }
  const gone = rolesFirst([...known.values()].filter((grant) => !keys.has(keyOf(grant)))).map((grant) => ({ grant, why: whyEnded(grant, access, now) }));
  const { recordIds } = access.lifecycle;
  return {
    given,
    changed,
    ended: gone.map(({ grant, why }) => ({ ...grant, endedAt: now, endReason: why })),
    audit: [...audit, ...gone.map(({ grant, why }) => entryOf('grant.ended', grant, { why, origins: grant.origins, policyVersion, recordIds }))],
  };
}

/** Grants with roles first: a role is the origin of its entitlements. */
function rolesFirst<G extends Grant>(grants: readonly G[]): readonly G[] {
  return [...grants.filter(({ kind }) => kind === 'role'), ...grants.filter(({ kind }) => kind !== 'role')];
}

function whyEnded({ name, origins, validUntil }: StoredGrant, { lifecycle, violations, missing }: AccessDecision, now: Instant): string {
  if (lifecycle.state === 'leaving' || lifecycle.state === 'left') return lifecycle.why;
  if (validUntil !== null && validUntil <= now) return 'expired';
  if (missing?.isHeld === true) return `withheld by lifecycle rule ${missing.rule} until it is known: ${missing.names.join(', ')}`;
  const conflict = violations.find(({ withheld }) => withheld.includes(name) || origins.some(({ viaRole }) => viaRole !== null && withheld.includes(viaRole)));
  return conflict === undefined ? 'none of its origins applies any longer' : `withheld by separation-of-duties rule ${conflict.rule}`;
}

function entryOf<A extends 'grant.given' | 'grant.changed' | 'grant.ended'>(
  action: A,
  { id, identityId, kind, name, validFrom, validUntil }: StoredGrant,
  more: Omit<AuditReasons[A], 'kind' | 'name' | 'validFrom' | 'validUntil'>,
): AuditEntry {
  return { ...newAuditContent(action, { kind, name, validFrom, validUntil }, more), subjectKind: 'grant', subjectId: id, identityId };
}

function keyOf({ kind, name }: Grant): string {
  return `${kind} ${name}`;
}

/** Origin without its version: a new policy version with the same rule changes nothing, and the grant keeps the version that gave it. */
function withoutVersion({ policyVersion: _policyVersion, ...origin }: Origin): Omit<Origin, 'policyVersion'> {
  return origin;
}
