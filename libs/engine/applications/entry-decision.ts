import { type CompiledApplication, decideEntry, type EntryDecision, type Grant, type Instant, type Policy } from '@tenure/domain';
import type { StoredIdentity } from '@tenure/store';

/**
 * Decision about an entry from what is stored about a person. An end or beginning that has come, and is not decided yet, counts.
 * @param identity as last decided
 * @param grants of the person that have not ended
 */
export function entryDecision(
  application: CompiledApplication,
  identity: StoredIdentity,
  grants: readonly Grant[],
  policy: Policy,
  now: Instant,
): EntryDecision {
  const next = identity.lifecycle?.next ?? null;
  const hasCome = next !== null && next.at <= now;
  return decideEntry({
    application,
    identity,
    state: hasCome ? next.state : identity.state,
    endsAt: next !== null && next.state !== 'active' ? next.at : null,
    grants,
    policy: policy.document,
    now,
  });
}
