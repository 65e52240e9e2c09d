import { isProtectedAccount } from '@tenure/config';
import { canonicalValue, type ObservedAccount, ruleOf, whyNotAdopted } from '@tenure/domain';
import type { Finding, StoredAccount, Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { rivalOfAdoption } from '../provision/rival-of-adoption.ts';
import { adoptAccount } from './adopt-account.ts';

/** People's accounts that are desired in a target and not known there yet, by the value of the attribute by which accounts are adopted. */
export async function adoptionCandidates(tx: Transaction, { configuration }: Engine, target: string): Promise<ReadonlyMap<string, readonly StoredAccount[]>> {
  const { adoptBy, rules } = configuration.targets[target] ?? {};
  const found = new Map<string, StoredAccount[]>();
  if (adoptBy === undefined) return found;
  for (const account of await tx.access.unbound(target)) {
    const value = Object.hasOwn(account.desired.attributes, adoptBy) ? account.desired.attributes[adoptBy] : undefined;
    if (value === undefined) continue;
    const key = canonicalValue(value, ruleOf(rules ?? {}, adoptBy));
    found.set(key, [...(found.get(key) ?? []), account]);
  }
  return found;
}

/**
 * Binds an account of nobody, as it was just looked at, to the one person for whom `adoptBy` speaks: a source vouches for the value, and nobody else has
 * it. @returns true if it is somebody's now
 */
export async function adoptFound(
  tx: Transaction,
  engine: Engine,
  finding: Pick<Finding, 'id' | 'target'>,
  observed: ObservedAccount,
  candidates: ReadonlyMap<string, readonly StoredAccount[]>,
): Promise<boolean> {
  const mapping = engine.configuration.targets[finding.target];
  if (mapping?.adoptBy === undefined || isProtectedAccount(mapping, observed.userName) || !Object.hasOwn(observed.attributes, mapping.adoptBy)) return false;
  const [account, ...others] = candidates.get(canonicalValue(observed.attributes[mapping.adoptBy], ruleOf(mapping.rules ?? {}, mapping.adoptBy))) ?? [];
  if (account === undefined || others.length > 0) return false;
  if (whyNotAdopted(account.desired, observed, account.identityId, mapping) !== null) return false;
  if ((await rivalOfAdoption(tx, engine, account, observed)) !== null) return false;
  await adoptAccount(tx, engine, { findingId: finding.id, identityId: account.identityId, by: 'adoptBy' });
  return true;
}
