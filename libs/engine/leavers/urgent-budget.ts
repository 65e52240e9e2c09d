import { DEFAULT_URGENT_ENDS } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import type { EndingCaller } from './may-end.ts';
import { currentPolicy } from '../policy/read-policy.ts';

/** Milliseconds over which urgent ends are counted. */
const window = 3_600_000;

/** Number of people whom a caller may still terminate at once, by the policy in force. Others who act for the same caller wait until this transaction ends. */
export async function urgentEndsLeft(tx: Transaction, engine: Engine, { key }: EndingCaller): Promise<number> {
  const { urgentEnds = DEFAULT_URGENT_ENDS } = (await currentPolicy(tx, engine)).document.budget ?? {};
  const since = new Date(Date.parse(tx.context.now) - window).toISOString();
  return Math.max(0, urgentEnds - (await tx.urgentEnds.usedBy(key, since)));
}
