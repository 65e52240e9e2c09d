import type { TargetConnector } from '@tenure/connectors';
import { adopts, type Change, type ObservedAccount, planAccount } from '@tenure/domain';
import type { StoredAccount } from '@tenure/store';
import type { Loop } from './loop.ts';

/** Looks for an account by the target's own id, then by its name. */
export async function look(connector: TargetConnector, account: StoredAccount): Promise<ObservedAccount | null> {
  const byId = account.nativeId === null ? null : await connector.observe({ nativeId: account.nativeId, userName: account.userName });
  return byId ?? connector.observe({ nativeId: null, userName: account.userName });
}

/** An account that we did not make and that does not say that it is this person's. */
export function isForeign({ configuration }: Loop, account: StoredAccount, observed: ObservedAccount): boolean {
  if (account.nativeId === observed.nativeId) return false;
  const mapping = configuration.targets[account.target];
  return mapping === undefined || !adopts(account.desired, observed, account.identityId, mapping);
}

/** What differs, seen now. An account that is taken over is first marked as this person's. */
export function changesWanted(account: StoredAccount, observed: ObservedAccount | null, managed: ReadonlySet<string>): readonly Change[] {
  const changes = planAccount(account.desired, observed, managed);
  return observed !== null && observed.externalId !== account.identityId && account.desired.state !== 'absent'
    ? [{ kind: 'update', attributes: account.desired.attributes }, ...changes.filter(({ kind }) => kind !== 'update')]
    : changes;
}

/** Does one change. @returns the new account after a create, else `null` */
export async function change(
  connector: TargetConnector,
  account: StoredAccount,
  wanted: Change,
  observed: ObservedAccount | null,
): Promise<ObservedAccount | null> {
  const current = observed === null ? account.nativeId : observed.nativeId;
  const ref = { nativeId: current, userName: account.userName };
  switch (wanted.kind) {
    case 'create':
      return connector.create({ userName: account.userName, externalId: account.identityId, enabled: wanted.enabled, attributes: wanted.attributes });
    case 'update':
      return connector.update(ref, wanted.attributes, account.identityId).then(() => null);
    case 'enable':
      return connector.enable(ref).then(() => null);
    case 'disable':
      return connector.disable(ref).then(() => null);
    case 'addMember':
      return connector.addMember(wanted.entitlement, await known(connector, ref)).then(() => null);
    case 'removeMember':
      return connector.removeMember(wanted.entitlement, ref).then(() => null);
    case 'delete':
      return connector.delete(ref).then(() => null);
  }
}

/** After a create in this same run the native id is not in `observed` yet. */
async function known(connector: TargetConnector, ref: { nativeId: string | null; userName: string }): Promise<{ nativeId: string | null; userName: string }> {
  return ref.nativeId !== null ? ref : { ...ref, nativeId: (await connector.observe(ref))?.nativeId ?? null };
}
