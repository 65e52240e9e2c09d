import { answersFor } from '../approvers/answering-owners.ts';
import { mayAnswer } from '../approvers/answerer-of.ts';
import { batchKey } from './batch-case.ts';
import type { Engine } from '../decide/engine.ts';
import { Forbidden } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import type { Caller, Role } from '../callers/caller.ts';
import { currentPolicy } from '../policy/read-policy.ts';

const deciders: readonly Role[] = ['admin', 'operator'];

/**
 * Lets through a caller who has one of these roles in Tenure, is named by `budget.owner` of the policy in force, is a deputy of one of these, or has
 * the batch's case as its owner.
 * @throws Forbidden
 */
export async function mustDecideBatch(tx: Transaction, engine: Engine, caller: Caller, batchId: string, roles: readonly Role[] = deciders): Promise<void> {
  if (roles.some((role) => caller.roles.has(role))) return;
  if (caller.kind === 'person' && ((await isOwner(tx, engine, caller.id)) || (await mayAnswer(tx, batchKey({ id: batchId }), caller.id)))) return;
  throw new Forbidden('Only operators and the approvers that the policy names under budget can decide about a batch change.');
}

async function isOwner(tx: Transaction, engine: Engine, identityId: string): Promise<boolean> {
  const { owner } = (await currentPolicy(tx, engine)).document.budget ?? {};
  return owner !== undefined && answersFor(tx, engine, [owner], null, identityId);
}
