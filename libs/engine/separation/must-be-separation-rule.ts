import type { Engine } from '../decide/engine.ts';
import type { Transaction } from '@tenure/store';
import { mustExist } from '@tenure/domain';
import { currentPolicy } from '../policy/read-policy.ts';

/** @throws InputInvalid when the policy in force has no rule of separation of duties of this name */
export async function mustBeSeparationRule(tx: Transaction, engine: Engine, rule: string): Promise<void> {
  const { separation } = (await currentPolicy(tx, engine)).document;
  mustExist(
    'rule',
    'separation-of-duties rule',
    rule,
    separation.map(({ name }) => name),
  );
}
