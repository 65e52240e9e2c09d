import type { Loop } from '../decide/loop.ts';
import type { Transaction } from '@tenure/store';
import { mustExist } from '@tenure/domain';

/** @throws InputInvalid when the policy in force has no rule of separation of duties of this name */
export async function mustBeSeparationRule(tx: Transaction, loop: Loop, rule: string): Promise<void> {
  const { separation } = (await loop.currentPolicy(tx)).document;
  mustExist(
    'rule',
    'separation-of-duties rule',
    rule,
    separation.map(({ name }) => name),
  );
}
