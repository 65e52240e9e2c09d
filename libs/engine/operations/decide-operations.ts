import { CaseClosed, Forbidden, InputInvalid, mustExist } from '@tenure/domain';
import type { ActContext, Store, StoredOperation, Transaction } from '@tenure/store';
import type { Configuration } from '@tenure/config';

/** Operations in one call. */
const most = 500;

/** Operations of a target, of a person, or of a person in a target. */
export interface OperationScope {
  readonly target: string | null;
  readonly identityId: string | null;
}

/** Result of a decision about many operations. */
export interface DecidedOperations {
  readonly count: number;
  /** Number of operations that end access: these are not left undone. */
  readonly left: number;
  /** True if there were no more than one call goes through. */
  readonly isAll: boolean;
}

/**
 * Decides about many operations, each in a transaction of its own, as if each were decided alone.
 * @param context of each transaction
 * @throws InputInvalid
 */
export async function decideOperations(
  { store, configuration }: { readonly store: Store; readonly configuration: Pick<Configuration, 'targets'> },
  context: () => ActContext,
  { target, identityId }: OperationScope,
  statuses: readonly StoredOperation['status'][],
  decision: (tx: Transaction, id: string) => Promise<unknown>,
): Promise<DecidedOperations> {
  if (target === null && identityId === null) throw new InputInvalid('Provide target, identityId, or both.');
  if (target !== null) mustExist('target', 'target', target, Object.keys(configuration.targets));
  const scope = { ...(target === null ? {} : { target }), ...(identityId === null ? {} : { identityId }) };
  const ids = await store.read((tx) => tx.access.operationIds(scope, statuses, most + 1));
  let [count, left] = [0, 0];
  for (const id of ids.slice(0, most)) {
    try {
      await store.transaction(context(), (tx) => decision(tx, id));
      count += 1;
    } catch (error) {
      if (error instanceof Forbidden) left += 1;
      // Another decision was first, or it was carried out meanwhile.
      else if (!(error instanceof CaseClosed)) throw error;
    }
  }
  return { count, left, isAll: ids.length <= most };
}
