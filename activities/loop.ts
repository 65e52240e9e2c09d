import { createHash } from 'node:crypto';
import type { Configuration } from '@tenure/config';
import { type CompiledMapping, compileMapping, compilePolicy, type Policy } from '@tenure/domain';
import type { Transaction, Trigger } from '@tenure/store';
import { decideIdentity, type Decision } from './decide-identity.ts';
import { type IncomingRecord, storeRecord, type TakenRecord, wake } from './take-record.ts';

/** The loop's question, and the facts that make it be asked, inside the caller's database transaction. */
export interface Loop {
  readonly configuration: Configuration;
  /** Takes one source's record of one person: correlates, creates where allowed, stores it, decides, wakes the life. Audited. */
  takeRecord(tx: Transaction, incoming: IncomingRecord, trigger?: Trigger): Promise<TakenRecord>;
  /** What should be true of this person now, what is, and what is the difference: saved as grants and operations. */
  decide(tx: Transaction, identityId: string, trigger: Trigger): Promise<Decision>;
  currentPolicy(tx: Transaction): Promise<Policy>;
  /** Makes the configuration's policy the current version; when it is new, every life is asked again. */
  publishPolicy(tx: Transaction): Promise<{ version: number; added: boolean }>;
}

export interface LoopContext {
  readonly configuration: Configuration;
  readonly mappings: readonly CompiledMapping[];
}

export function createLoop({ configuration }: { readonly configuration: Configuration }): Loop {
  const mappings = Object.values(configuration.targets).map((target) => compileMapping(target, configuration.attributes));
  const context: LoopContext = { configuration, mappings };
  const compiled = new Map<number, Policy>();

  const currentPolicy = async (tx: Transaction): Promise<Policy> => {
    const version = await tx.access.currentPolicyVersion();
    const known = version === null ? undefined : compiled.get(version);
    if (known !== undefined) return known;
    const stored = version === null ? null : await tx.access.policy(version);
    if (stored === null) throw new Error('no policy version is stored yet: publishPolicy has to run at start');
    const policy = compilePolicy(stored.document, stored.version);
    compiled.set(policy.version, policy);
    return policy;
  };

  const decide = async (tx: Transaction, identityId: string, trigger: Trigger): Promise<Decision> => decideIdentity(tx, context, await currentPolicy(tx), identityId, trigger);

  return {
    configuration,
    currentPolicy,
    decide,
    async takeRecord(tx, incoming, trigger = 'record') {
      const taken = await storeRecord(tx, configuration, incoming);
      if (taken.identityId === null || taken.outcome === 'unchanged' || taken.outcome === 'stale') return taken;
      const decision = await decide(tx, taken.identityId, trigger);
      if (decision.changed) await wake(tx, taken.identityId, trigger, decision.stage === 'leaving');
      return taken;
    },
    async publishPolicy(tx) {
      const digest = createHash('sha256').update(JSON.stringify(configuration.policy)).digest('hex');
      const published = await tx.access.addPolicy(configuration.policy, digest, tx.context.now);
      if (published.added) {
        tx.audit.record({ action: 'policy.published', subjectKind: 'policy', subjectId: String(published.version), identityId: null, reason: { digest } });
        await tx.outbox.addForEverybody('policy', tx.context.correlationId, tx.context.now);
      }
      return published;
    },
  };
}
