import { grantsAt, type Instant, TENURE_TARGET } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { currentPolicy } from '../policy/read-policy.ts';

/** Roles in Tenure (`admin`, `operator`, `auditor`) from the person's current grants and the policy in force. @returns the end of each; `null`: no end is known */
export async function rolesInTenure(tx: Transaction, engine: Engine, identityId: string, now: Instant): Promise<ReadonlyMap<string, Instant | null>> {
  // Sent together, since this runs at each request.
  const [{ document }, grants] = await Promise.all([currentPolicy(tx, engine), tx.access.currentGrants([identityId])]);
  const roles = new Map<string, Instant | null>();
  for (const { kind, name, validUntil } of grantsAt(grants, now)) {
    const { target, value } = (kind === 'entitlement' ? document.entitlements[name] : undefined) ?? {};
    if (target !== TENURE_TARGET || value == null || value === 'self') continue;
    roles.set(value, roles.has(value) ? later(roles.get(value) ?? null, validUntil) : validUntil);
  }
  return roles;
}

function later(one: Instant | null, other: Instant | null): Instant | null {
  if (one === null || other === null) return null;
  return one > other ? one : other;
}
