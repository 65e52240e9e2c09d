import { type AuditAction, auditContent, type Grant, grantsAt, type Instant, type LifecycleState, type StoredReason } from '@tenure/domain';
import type { Transaction } from '@tenure/store';

/** Grants of a person at a past instant, by the audit. */
export interface PastAccess {
  /** `null`: the person was not known yet. */
  readonly state: LifecycleState | null;
  readonly why: string | null;
  readonly grants: readonly Grant[];
}

/** Audit actions that change grants and lifecycle states. */
const accessActions: readonly AuditAction[] = ['grant.given', 'grant.changed', 'grant.ended', 'identity.stateChanged'];

/** Reads from the audit a person's grants at a past instant, with the reasons of that time. */
export async function accessAt(tx: Transaction, identityId: string, at: Instant): Promise<PastAccess> {
  const held = new Map<string, AuditedGrant>();
  let life: Pick<PastAccess, 'state' | 'why'> = { state: null, why: null };
  for (const event of await tx.audit.until(identityId, accessActions, at)) {
    const told = auditContent(event);
    switch (told?.action) {
      case 'identity.stateChanged':
        life = { state: told.reason.to ?? null, why: told.reason.why ?? null };
        break;
      case 'grant.given':
      case 'grant.changed':
        held.set(event.subjectId, grantOf(told.reason));
        break;
      case 'grant.ended':
        held.delete(event.subjectId);
    }
  }
  const grants = [...held.values()]
    .flatMap(({ until, ...grant }) => grantsAt([grant], at).map((one) => ({ ...one, validUntil: until === undefined ? one.validUntil : until })))
    .toSorted((a, b) => (a.kind + a.name < b.kind + b.name ? -1 : 1));
  return { ...life, grants };
}

/** Grant as audited, with its end as far as it was known then; absent: that was not kept yet. */
interface AuditedGrant extends Grant {
  readonly until: Instant | null | undefined;
}

function grantOf({ kind = 'entitlement', name = '', origins = [], validFrom = '', validUntil = null, heldUntil }: StoredReason<'grant.given'>): AuditedGrant {
  return { kind, name, origins, validFrom, validUntil, until: heldUntil };
}
