import { randomUUID } from 'node:crypto';
import { exampleCase } from '@tenure/domain/testing';
import type { ActContext } from '@tenure/store';
import type { TestDatabase } from '@tenure/store/testing';
import { grantedException, observedAccount, openSuspension, type PersonDescription } from './person.ts';

/** Writes a described person into the database. Grants by request come about by requests there: `openRequest`. */
export async function knowOf(
  { store, execute }: Pick<TestDatabase, 'store' | 'execute'>,
  context: ActContext,
  { identityId, userName }: { readonly identityId: string; readonly userName: string },
  { requested = [], exceptions = [], suspensions = [], observed = {} }: PersonDescription,
): Promise<void> {
  const { now } = context;
  if (requested.length > 0) throw new Error('requested: open a request, and have it approved');
  await store.transaction(context, async (tx) => {
    for (const one of exceptions) {
      const asked = { ...exampleCase('separation-conflict'), key: `exception/${randomUUID()}`, identityId, target: null, operationId: null } as const;
      const { id: caseId } = (await tx.cases.open(asked, now)) ?? { id: '' };
      await tx.separationExceptions.insert(grantedException(identityId, now, { grantedBy: identityId, ...one, id: randomUUID(), caseId }));
    }
    for (const one of suspensions) await tx.suspensions.add(openSuspension(now, { ...one, id: randomUUID() }));
  });
  for (const [target, { at, ...account }] of Object.entries(observed)) {
    const shown = observedAccount({ userName, externalId: identityId }, account);
    await execute('update account set observed = ?::jsonb, observed_at = ?, native_id = ? where identity_id = ? and target = ?', [
      JSON.stringify(shown),
      at,
      shown.nativeId,
      identityId,
      target,
    ]);
  }
}
