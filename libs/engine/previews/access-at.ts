import { type Grant, grantsAt, type Instant, type LifecycleState, type Origin } from '@tenure/domain';
import type { AuditEvent, Transaction } from '@tenure/store';

/** What a person held at an instant, by the record that was kept then. */
export interface PastAccess {
  /** `null`: the person was not known yet. */
  readonly state: LifecycleState | null;
  readonly why: string | null;
  readonly grants: readonly Grant[];
}

/** What happens to grants and lives, in the audit. */
const tellingActions = ['grant.given', 'grant.changed', 'grant.ended', 'identity.stateChanged'];

/** Reads from the audit what a person held at a past instant, with the reasons that held then. */
export async function accessAt(tx: Transaction, identityId: string, at: Instant): Promise<PastAccess> {
  const held = new Map<string, ToldGrant>();
  let life: Pick<PastAccess, 'state' | 'why'> = { state: null, why: null };
  for (const { action, subjectId, reason } of await tx.audit.until(identityId, tellingActions, at)) {
    if (action === 'identity.stateChanged') life = { state: reason['to'] as LifecycleState, why: String(reason['why']) };
    else if (action === 'grant.ended') held.delete(subjectId);
    else held.set(subjectId, grantOf(reason));
  }
  const grants = [...held.values()]
    .flatMap(({ until, ...grant }) => grantsAt([grant], at).map((one) => ({ ...one, validUntil: until === undefined ? one.validUntil : until })))
    .toSorted((a, b) => (a.kind + a.name < b.kind + b.name ? -1 : 1));
  return { ...life, grants };
}

/** A grant as the audit told of it, with until when it was held as far as was known then; absent: that was not kept yet. */
interface ToldGrant extends Grant {
  readonly until: Instant | null | undefined;
}

function grantOf(reason: AuditEvent['reason']): ToldGrant {
  const { kind, name, origins, validFrom, validUntil, heldUntil } = reason as unknown as Omit<Grant, 'origins'> & {
    readonly origins: readonly Origin[];
    readonly heldUntil?: Instant | null;
  };
  return { kind, name, origins, validFrom, validUntil, until: heldUntil };
}
