import { changedAttributes } from './account-values.ts';
import type { Change, DesiredAccount, ObservedAccount } from './account.ts';

/**
 * The changes that bring an account from what we observed to what we want, in order: what takes away goes first, disabling
 * before all else. Empty when nothing differs.
 * @param managed entitlements of that target that policy knows; all others are left alone
 */
export function planAccount(desired: DesiredAccount, observed: ObservedAccount | null, managed: ReadonlySet<string>): Change[] {
  if (observed === null) return desired.state === 'absent' || desired.onlyExisting === true ? [] : planNew(desired);
  const wanted = new Set(desired.state === 'absent' ? [] : desired.entitlements);
  const held = new Set(observed.entitlements);
  const changes: Change[] = [];
  if (observed.enabled && desired.state !== 'enabled') changes.push({ kind: 'disable' });
  for (const entitlement of [...held].filter((name) => managed.has(name) && !wanted.has(name)).sort()) changes.push({ kind: 'removeMember', entitlement });
  if (desired.state === 'absent') return [...changes, { kind: 'delete' }];
  const attributes = changedAttributes(desired.attributes, observed.attributes);
  if (Object.keys(attributes).length > 0) changes.push({ kind: 'update', attributes });
  if (!observed.enabled && desired.state === 'enabled') changes.push({ kind: 'enable' });
  for (const entitlement of [...wanted].filter((name) => !held.has(name)).sort()) changes.push({ kind: 'addMember', entitlement });
  return changes;
}

function planNew({ state, attributes, entitlements }: DesiredAccount): Change[] {
  const members = [...new Set(entitlements)].sort().map((entitlement) => ({ kind: 'addMember' as const, entitlement }));
  return [{ kind: 'create', attributes: changedAttributes(attributes, {}), enabled: state === 'enabled' }, ...members];
}
