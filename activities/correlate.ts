import type { Configuration } from '@tenure/config';
import type { Facts } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import { type SourceOrProvider, sourcesKeyedBy } from './settings-of-source.ts';

/** Which identity a record belongs to, and by which key that was found. */
export type Correlation =
  | { readonly kind: 'found'; readonly identityId: string; readonly by: string }
  | { readonly kind: 'ambiguous'; readonly candidates: readonly string[]; readonly by: string }
  | { readonly kind: 'none' };

/**
 * Tries the source's keys in order; the first that finds anybody decides. Never guesses: two candidates are a question for a
 * person, and so is somebody who has left and is found by an e-mail, since addresses are given to new people. An attribute ties records together only between sources that both list it as a key, an e-mail only where both
 * sides are trusted for its domain and say that it is verified.
 */
export async function correlate(
  tx: Transaction,
  configuration: Configuration,
  source: SourceOrProvider,
  facts: Facts,
  emailTrusted: boolean,
): Promise<Correlation> {
  const keys = source.correlate.flatMap((key) => {
    const by = 'attribute' in key ? key.attribute : 'email';
    const value = facts[by];
    const isUsable = typeof value === 'string' && value.trim() !== '' && ('attribute' in key || emailTrusted);
    return isUsable ? [{ by, value, isAttribute: 'attribute' in key }] : [];
  });
  await tx.identities.lockKeys(keys.map(({ by, value }) => `${by}\n${value.toLowerCase()}`));
  for (const { by, value, isAttribute } of keys) {
    const candidates = isAttribute ? await tx.identities.withFact(by, value, sourcesKeyedBy(configuration, by)) : await tx.identities.withTrustedEmail(value);
    const [identityId, ...others] = candidates;
    if (identityId === undefined) continue;
    const isQuestion = others.length > 0 || (!isAttribute && (await hasEnded(tx, identityId)));
    return isQuestion ? { kind: 'ambiguous', candidates, by } : { kind: 'found', identityId, by };
  }
  return { kind: 'none' };
}

async function hasEnded(tx: Transaction, identityId: string): Promise<boolean> {
  const identity = await tx.identities.get(identityId);
  const next = identity?.lifecycle?.next;
  // The end may have come before its timer.
  const state = next != null && next.at <= tx.context.now ? next.state : identity?.state;
  return state !== 'active' && state !== 'pre-hire' && state !== 'suspended';
}
