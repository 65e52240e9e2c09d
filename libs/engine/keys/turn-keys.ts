import type { Configuration } from '@tenure/config';
import { InputInvalid, NotFound } from '@tenure/domain';
import type { StoredKey, Transaction } from '@tenure/store';
import { createKey } from './create-key.ts';
import { KEY_PURPOSES, keyRules, SHORTEST_PUBLICATION, type UsedPurpose } from './key-rules.ts';
import { activatesAt, type KeyTurn, nextTurns } from './next-turns.ts';

export type KeySettings = Pick<Configuration, 'url' | 'keys' | 'session' | 'applications'>;

/** Makes the changes of keys that are due, for all purposes for which there are keys, audited. */
export async function turnKeys(tx: Transaction, settings: KeySettings): Promise<void> {
  await tx.signingKeys.lock();
  for (const purpose of KEY_PURPOSES) {
    const keys = await tx.signingKeys.of(purpose);
    for (const turn of nextTurns(keys, keyRules(purpose, settings), tx.context.now)) await make(tx, settings, purpose, turn);
  }
}

/**
 * Begins a rotation ahead of the schedule: publishes the next key of a purpose. The schedule lets it sign when it has been published for long enough.
 * @param isNow true: a next key that has been published for ten minutes signs from now on
 * @returns the key, and when it signs
 * @throws InputInvalid where it would sign before others publish it
 */
export async function rotateKey(
  tx: Transaction,
  settings: KeySettings,
  purpose: UsedPurpose,
  isNow: boolean,
): Promise<{ readonly id: string; readonly signsFrom: string }> {
  const { now } = tx.context;
  await tx.signingKeys.lock();
  const keys = await tx.signingKeys.of(purpose);
  const next = keys.find(({ state }) => state === 'next');
  const rules = keyRules(purpose, settings);
  if (next === undefined) {
    const id = await publish(tx, settings, purpose);
    const made = { createdAt: now };
    return { id, signsFrom: new Date(activatesAt(made, isNow ? { publishBefore: 0 } : rules)).toISOString() };
  }
  if (!isNow) return { id: next.id, signsFrom: new Date(activatesAt(next, rules)).toISOString() };
  const earliest = new Date(Date.parse(next.createdAt) + SHORTEST_PUBLICATION).toISOString();
  if (earliest > now)
    throw new InputInvalid(`the next key was published at ${next.createdAt}: it may sign from ${earliest} on, when every process and application can know it`, {
      key: next.id,
    });
  await make(tx, settings, purpose, { kind: 'activate', next: next.id, before: keys.find(({ state }) => state === 'active')?.id ?? null });
  return { id: next.id, signsFrom: now };
}

/**
 * Takes a key out of use at once, since its private part may be known to others: nothing that it has signed verifies any more. Where it signs, the
 * next key replaces it, or a new one, though applications may not know that one yet.
 * @throws NotFound, InputInvalid
 */
export async function retireKey(tx: Transaction, settings: KeySettings, id: string, reason: string): Promise<void> {
  const { now } = tx.context;
  await tx.signingKeys.lock();
  for (const purpose of KEY_PURPOSES) {
    const keys = await tx.signingKeys.of(purpose);
    const key = keys.find((one) => one.id === id);
    if (key === undefined) continue;
    if (key.state === 'retired') throw new InputInvalid('the key is retired already', { key: id });
    await tx.signingKeys.setState(id, 'retired', now);
    tx.audit.record({ ...about(id), action: 'key.retired', reason: { purpose, why: reason } });
    if (key.state === 'active') await replace(tx, settings, purpose, keys);
    return;
  }
  throw new NotFound(`there is no key ${id}`, { key: id });
}

async function replace(tx: Transaction, settings: KeySettings, purpose: UsedPurpose, keys: readonly StoredKey[]): Promise<void> {
  const next = keys.find(({ state }) => state === 'next')?.id ?? (await publish(tx, settings, purpose));
  await make(tx, settings, purpose, { kind: 'activate', next, before: null });
}

async function publish(tx: Transaction, { url }: KeySettings, purpose: UsedPurpose): Promise<string> {
  const { now } = tx.context;
  const key = createKey(purpose, 'next', url, now);
  await tx.signingKeys.add(key, now);
  tx.audit.record({ ...about(key.id), action: 'key.published', reason: { purpose } });
  return key.id;
}

async function make(tx: Transaction, settings: KeySettings, purpose: UsedPurpose, turn: KeyTurn): Promise<void> {
  const { now } = tx.context;
  switch (turn.kind) {
    case 'publish':
      await publish(tx, settings, purpose);
      return;
    case 'activate':
      // The database has one active key of a purpose at most.
      if (turn.before !== null) await tx.signingKeys.setState(turn.before, 'retiring', now);
      await tx.signingKeys.setState(turn.next, 'active', now);
      tx.audit.record({ ...about(turn.next), action: 'key.activated', reason: { purpose, before: turn.before } });
      return;
    case 'retire':
      await tx.signingKeys.setState(turn.key, 'retired', now);
      tx.audit.record({ ...about(turn.key), action: 'key.retired', reason: { purpose, why: 'nothing valid is signed by it' } });
  }
}

function about(id: string) {
  return { subjectKind: 'key', subjectId: id, identityId: null } as const;
}
