import type { TargetConnector } from '@tenure/connectors';
import { type AcceptedChange, type Change, type MembershipQuestion, type ObservedAccount, planAccount, whyNotAdopted } from '@tenure/domain';
import type { StoredAccount } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import type { AccountScope } from './account-scope.ts';

/** Looks for an account by the target's own id, then by its name. */
export async function look(
  connector: TargetConnector,
  { nativeId, userName, accepted: { names = [] } }: Pick<StoredAccount, 'nativeId' | 'userName' | 'accepted'>,
  questions: readonly MembershipQuestion[],
): Promise<ObservedAccount | null> {
  const byId = nativeId === null ? null : await connector.observe({ nativeId, userName, memberNames: names }, questions);
  return byId ?? connector.observe({ nativeId: null, userName, memberNames: names }, questions);
}

/** Reason why an account that we did not make is not this person's: completes "the account is not adopted: …"; `null`: it is. */
export function whyForeign({ configuration }: Engine, account: StoredAccount, observed: ObservedAccount): string | null {
  if (account.nativeId === observed.nativeId) return null;
  const mapping = configuration.targets[account.target];
  return mapping === undefined ? 'the target is not configured' : whyNotAdopted(account.desired, observed, account.identityId, mapping);
}

/** Changes from the observed to the desired state. An adopted account is first marked as this person's, where it bears no mark, and so is one that bears the mark of a merged identity. */
export function changesFor(
  { desired, nativeId, identityId, formerIdentities = [] }: StoredAccount,
  observed: ObservedAccount | null,
  scope: AccountScope,
): readonly Change[] {
  const changes = planAccount(desired, observed, scope);
  if (observed === null || desired.state === 'absent') return changes;
  const isTakenOver = observed.nativeId !== nativeId && observed.externalId === null;
  // A repair has moved it from another identity, whose mark it still bears.
  const { externalId } = observed;
  const bearsFormerMark = observed.nativeId === nativeId && externalId !== null && externalId !== identityId && formerIdentities.includes(externalId);
  if (!(isTakenOver || bearsFormerMark) || changes.some(({ kind }) => kind === 'update')) return changes;
  return [{ kind: 'update', attributes: {} }, ...changes];
}

/**
 * Carries out one change.
 * @param onGroup is given the id of a group, and awaited, before a membership in it is written
 * @returns changes that the target has accepted, and the new account after a create
 */
export async function act(
  connector: TargetConnector,
  account: StoredAccount,
  change: Change,
  { observed, onGroup }: { readonly observed: ObservedAccount | null; readonly onGroup: (entitlement: string, groupId: string) => Promise<void> },
): Promise<AcceptedChange & { readonly created: ObservedAccount | null }> {
  const { userName, identityId, accepted } = account;
  const ref = { nativeId: observed?.nativeId ?? account.nativeId, userName, memberNames: accepted.names ?? [] };
  const done = { change, groupId: null, created: null };
  const groupOf = (entitlement: string): string | null => accepted.memberships[entitlement]?.groupId ?? sightedGroup(observed, entitlement);
  switch (change.kind) {
    case 'create':
      return { ...done, created: await connector.create({ userName, externalId: identityId, enabled: change.enabled, attributes: change.attributes }) };
    case 'update':
      await connector.update(ref, change.attributes, identityId, account.formerIdentities ?? []);
      return done;
    case 'enable':
      await connector.enable(ref);
      return done;
    case 'disable':
      await connector.disable(ref);
      return done;
    case 'addMember':
      return {
        ...done,
        groupId: await connector.addMember(change.entitlement, ref, groupOf(change.entitlement), (groupId) => onGroup(change.entitlement, groupId)),
      };
    case 'removeMember':
      await connector.removeMember(change.entitlement, ref, groupOf(change.entitlement));
      return done;
    case 'delete':
      await connector.delete(ref);
      return done;
  }
}

function sightedGroup(observed: ObservedAccount | null, name: string): string | null {
  return observed?.memberships.find(({ entitlement }) => entitlement === name)?.groupId ?? null;
}
