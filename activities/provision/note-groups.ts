import { ConnectorUnavailable } from '@tenure/domain';
import type { ActContext, Store, StoredAccount } from '@tenure/store';

/**
 * Keeps by which id of its group a membership is going to be given, in a transaction of its own: a worker that dies between the target's answer and
 * saving it leaves this behind, and the membership is found and taken by it though the group has another name by then.
 * @throws ConnectorUnavailable when it cannot be kept: then nothing is given
 */
export function noteGroupsIn(store: Store, context: () => ActContext): (account: StoredAccount, entitlement: string, groupId: string) => Promise<void> {
  return async ({ id, identityId, target }, entitlement, groupId) => {
    await store
      .transaction(context(), async (tx) => {
        // A decision writes the account as it has read it.
        await tx.identities.lock(identityId);
        await tx.access.noteGroup(id, entitlement, groupId);
      })
      .catch((error: unknown) => {
        throw new ConnectorUnavailable(`${target}: the group of a membership could not be stored, so no membership is granted`, { target }, { cause: error });
      });
  };
}
