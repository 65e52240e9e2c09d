import { type EntryDecision, type Instant, NotFound } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { policyInForce } from '../policy/read-policy.ts';
import { entryDecision } from './entry-decision.ts';

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
  return entryDecision(application, identity, await tx.access.currentGrants([identityId]), policy, now);
}
