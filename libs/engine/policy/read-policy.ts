import { compilePolicy, type Policy } from '@tenure/domain';
import type { NewestVersions, Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import type { PolicyInForce } from './policy-in-force.ts';

/** The policy version in force for this process: the newest with the tenure.yaml that it has taken over. */
export async function policyInForce(tx: Transaction, engine: Engine): Promise<PolicyInForce> {
  const { keepsTo } = engine;
  return keepsTo === null ? newestPolicy(tx, engine) : ownVersion(tx, engine, await tx.access.versionsWith(keepsTo));
}

export async function currentPolicy(tx: Transaction, engine: Engine): Promise<Policy> {
  return (await policyInForce(tx, engine)).policy;
}

/** Current policy for a decision: no other version comes into force until the transaction ends. Read it before any lock on a record or a person. */
export async function policyToDecideBy(tx: Transaction, engine: Engine): Promise<PolicyInForce> {
  const { keepsTo } = engine;
  return keepsTo === null
    ? readVersion(tx, engine, await tx.access.policyVersionToDecideBy())
    : ownVersion(tx, engine, await tx.access.versionsToDecideBy(keepsTo));
}

/** Newest version, whatever this process has taken over, to compare another version with it. */
export async function newestPolicy(tx: Transaction, engine: Engine): Promise<PolicyInForce> {
  return readVersion(tx, engine, await tx.access.currentPolicyVersion());
}

/** True: a newer version has a tenure.yaml that this process has not taken over. */
export async function isBehind(tx: Transaction, engine: Engine): Promise<boolean> {
  return engine.keepsTo !== null && (await policyInForce(tx, engine)).isBehind === true;
}

/** The one of these versions by which this process may decide. */
async function ownVersion(tx: Transaction, engine: Engine, { newest, own }: NewestVersions): Promise<PolicyInForce> {
  const inForce = await readVersion(tx, engine, own ?? newest);
  return own !== null && own !== newest ? { ...inForce, isBehind: true } : inForce;
}

async function readVersion(tx: Transaction, { policies }: Engine, version: number | null): Promise<PolicyInForce> {
  const stored = version === null ? null : (policies.get(version) ?? (await tx.access.policy(version)));
  if (version === null || stored === null) throw new Error('no policy version is stored yet: publishPolicy has to run at start');
  if ('managed' in stored) return stored;
  const inForce = { policy: compilePolicy(stored.document, version), managed: await tx.access.managedEntitlements(version) };
  policies.set(version, inForce);
  return inForce;
}
