import type { Configuration, Settings } from '@tenure/config';
import type { Instant, PersonChange, Policy, PolicyDocument, Trigger } from '@tenure/domain';
import type { Store, Transaction, BatchPlan } from '@tenure/store';
import type { PolicyInForce } from '../policy/policy-in-force.ts';
import type { Decision } from './decision.ts';
import type { ClaimMappings } from '../intake/claim-mappings.ts';
import type { CheckRecords, TakenRecord } from '../intake/taken-record.ts';
import type { IncomingRecord } from '../intake/incoming-record.ts';
import type { PlannedPerson, PolicyPlan } from '../policy/policy-plan.ts';

/** The loop's question, and the facts that make it be asked, inside the caller's database transaction. */
export interface Loop {
  readonly configuration: Configuration;
  /** CEL of its sources and identity providers. */
  readonly claims: ClaimMappings;
  /** Digest of all that a decision may read of the configuration: hexadecimal SHA-256. */
  readonly configurationDigest: string;
  /** Takes one source's record of one person: correlates, creates where allowed, stores it, decides, wakes the life. Audited. */
  takeRecord(tx: Transaction, incoming: IncomingRecord, trigger?: Trigger): Promise<TakenRecord>;
  /** The same for many records, decided together. From some people on they go to the targets as one batch, without a workflow for each. */
  takeRecords(tx: Transaction, incoming: readonly IncomingRecord[], judge?: CheckRecords): Promise<readonly TakenRecord[]>;
  /** What should be true of this person now, what is, and what is the difference: saved as grants and operations. */
  decide(tx: Transaction, identityId: string, trigger: Trigger): Promise<Decision>;
  /** The same for many people, in one go. @param judge sees what changes before it is saved @returns by identity */
  decideMany(tx: Transaction, identityIds: readonly string[], trigger: Trigger, judge?: CheckPeople): Promise<ReadonlyMap<string, Decision>>;
  /** What a policy would change over everybody. Writes nothing. @throws PolicyInvalid */
  planPolicy(store: Store, document: PolicyDocument, now: Instant): Promise<PolicyPlan>;
  currentPolicy(tx: Transaction): Promise<Policy>;
  policyInForce(tx: Transaction): Promise<PolicyInForce>;
  /**
   * What a version would do to everybody, as the change budget in force counts it.
   * @param settings tenure.yaml of it; absent: the one in force
   * @throws PolicyInvalid
   */
  weighPolicy(tx: Transaction, document: PolicyDocument, settings?: Settings): Promise<PlannedBatch>;
  /** What a process does at its start: takes the files' version, unless that waits for a command or for a person. `differs`: it waits. */
  startPolicy(tx: Transaction): Promise<StartedPolicy>;
  /**
   * Makes the configuration's policy and tenure.yaml the current version; when it is new, everybody is asked again, as a batch.
   * @param approved digest of the plan that somebody has seen; absent: nobody has to have seen one
   * @returns `heldIn`: the batch in which it waits, since it changes more than the change budget allows
   */
  publishPolicy(tx: Transaction, approved?: string): Promise<PublishedPolicy>;
  /**
   * Makes a policy the current version, whatever it changes; those that wait for approval give way to it.
   * @param digest of the policy
   * @param as the batch in which it waited, or what it changes; absent: the first version, before anybody is there
   * @param settings tenure.yaml of it; absent: the one in force stays
   */
  putInForce(
    tx: Transaction,
    document: PolicyDocument,
    digest: string,
    as?: PlannedBatch | ApprovedVersion,
    settings?: Settings,
  ): Promise<{ version: number; added: boolean }>;
  /** True: a newer version has a tenure.yaml that this process has not taken over. */
  isBehind(tx: Transaction): Promise<boolean>;
}

/** Sees what would become of each person before anything is written; what it throws ends the transaction. */
export type CheckPeople = (changes: ReadonlyMap<string, PersonChange>) => Promise<void>;

/** A batch change as it is planned: the plan, and whom it is about. */
export interface PlannedBatch {
  readonly plan: BatchPlan;
  readonly people: readonly PlannedPerson[];
}

/** The batch in which a policy version waited for approval. */
export interface ApprovedVersion {
  readonly batchId: string;
}

export interface PublishedPolicy {
  /** The one in force. */
  readonly version: number;
  readonly added: boolean;
  readonly waitsIn: string | null;
  /** The plan by now, where that is not the approved one: nothing was written then. */
  readonly otherwise?: PolicyPlan;
  /** Accounts in use, by target, in targets that it would remove: nothing was written then. */
  readonly inUse?: Readonly<Record<string, number>>;
}

export interface StartedPolicy extends Pick<PublishedPolicy, 'version' | 'heldIn' | 'inUse'> {
  readonly differs: boolean;
}
