import type { Instant } from '@tenure/domain';
import type { StoredKey } from '@tenure/store';
import { type KeyRules, SHORTEST_PUBLICATION } from './key-rules.ts';

/** Change of the keys of one purpose. */
export type KeyTurn =
  /** A key is made and published; it signs later. */
  | { readonly kind: 'publish' }
  /** The next key signs, in place of the active one, which is still published. */
  | { readonly kind: 'activate'; readonly next: string; readonly before: string | null }
  /** Nothing valid is signed by the key any more: it is published no longer. */
  | { readonly kind: 'retire'; readonly key: string };

/**
 * Changes that are due. One look makes at most one step of a rotation, so that a worker that was away for months still publishes a key before it
 * signs.
 * @param keys all of one purpose
 */
export function nextTurns(keys: readonly StoredKey[], rules: KeyRules, now: Instant): readonly KeyTurn[] {
  const [active, next] = [keys.find(({ state }) => state === 'active'), keys.find(({ state }) => state === 'next')];
  const turns: KeyTurn[] = [];
  if (next !== undefined && activatesAt(next, rules) <= Date.parse(now)) turns.push({ kind: 'activate', next: next.id, before: active?.id ?? null });
  else if (next === undefined && active !== undefined) {
    const due = replacedAt(active, rules);
    if (due !== null && due - rules.publishBefore <= Date.parse(now)) turns.push({ kind: 'publish' });
  }
  const { longestValidity } = rules;
  if (longestValidity !== null)
    for (const { id, state, retiringAt } of keys)
      if (state === 'retiring' && retiringAt !== null && Date.parse(retiringAt) + longestValidity <= Date.parse(now)) turns.push({ kind: 'retire', key: id });
  return turns;
}

/** Unix time in milliseconds at which the active key is to be replaced; `null`: never by itself. */
export function replacedAt({ activatedAt, createdAt }: Pick<StoredKey, 'activatedAt' | 'createdAt'>, { rotateEvery }: KeyRules): number | null {
  return rotateEvery === null ? null : Date.parse(activatedAt ?? createdAt) + rotateEvery;
}

/** Unix time in milliseconds from which a published key signs. */
export function activatesAt({ createdAt }: Pick<StoredKey, 'createdAt'>, { publishBefore }: Pick<KeyRules, 'publishBefore'>): number {
  return Date.parse(createdAt) + Math.max(publishBefore, SHORTEST_PUBLICATION);
}
