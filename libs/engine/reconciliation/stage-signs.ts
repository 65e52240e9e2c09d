import { keyText, type ObservedAccount, reportedActivity } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import { digestFor } from '../provision/digest.ts';
import { readingOf, type ReconciledTarget } from './reconciled-target.ts';

/** Keeps what further findings need of a page: last uses, and keys of accounts that Tenure does not know, as digests. */
export async function stageSigns(tx: Transaction, target: ReconciledTarget, items: readonly ObservedAccount[]): Promise<void> {
  const { run, settings, keyAttributes = [] } = target;
  const { protectedNames, dormantAfter } = readingOf(target);
  const { lastActivity } = settings;
  const isUseKept = dormantAfter !== null && lastActivity !== undefined;
  if (!isUseKept && keyAttributes.length === 0) return;
  const digest = digestFor(run.id);
  const signs = items
    .filter(({ userName }) => !protectedNames.has(userName.toLowerCase()))
    .map((account) => ({
      nativeId: account.nativeId,
      lastUsedAt: isUseKept ? reportedActivity(account, lastActivity, tx.context.now) : null,
      keys: Object.fromEntries(keyAttributes.flatMap((name) => keyOf(account, name, digest))),
    }));
  await tx.signs.add(run.id, run.target, signs);
}

function keyOf({ attributes }: ObservedAccount, name: string, digest: (text: string) => string): readonly (readonly [string, string])[] {
  const text = keyText(Object.hasOwn(attributes, name) ? attributes[name] : undefined);
  return text === null ? [] : [[name, digest(`key ${text}`)]];
}
