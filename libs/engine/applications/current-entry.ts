import { decideEntry, type EntryDecision, type Instant, NotFound } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { policyInForce } from '../policy/read-policy.ts';

/**
 * Decides again whether somebody may use an application, and which claims it receives, for an application that asks after their entry. Records nothing.
 * @throws NotFound where there is no such application
 */
export async function currentEntry(
  tx: Transaction,
  engine: Engine,
  { application: name, identityId, now }: { readonly application: string; readonly identityId: string; readonly now: Instant },
): Promise<EntryDecision> {
  const application = engine.applications.get(name);
  if (application === undefined) throw new NotFound(`there is no application ${name}`, { application: name });
  const { policy } = await policyInForce(tx, engine);
  const identity = await tx.identities.get(identityId);
  if (identity === null) return { mayEnter: false, reason: 'not-active' };
  const grants = await tx.access.currentGrants([identityId]);
  const next = identity.lifecycle?.next ?? null;
  const isStale = next !== null && next.at <= now;
  return decideEntry({
    application,
    identity,
    state: isStale ? next.state : identity.state,
    endsAt: next !== null && next.state !== 'active' ? next.at : null,
    grants,
    policy: policy.document,
    now,
  });
}
