import type { RepairKind, SecondPersonReason } from '../repairs/repair.ts';
import type { FindingKind } from '../reconciliation/finding.ts';
import type { ReadingReason, ReadingVerdict } from '../reconciliation/reading-verdict.ts';
import type { ChangeKind, DesiredAccount } from '../accounts/account.ts';
import type { Aspect, Observation } from '../accounts/observation.ts';
import type { BatchProblem } from '../batches/batch-problem.ts';
import type { EvaluatedCount } from '../batches/evaluate-batch.ts';
import type { ConnectionStep } from '../connections/connection-check.ts';
import type { Instant } from '../identity/facts.ts';
import type { Trigger } from '../lifecycle/lifecycle.ts';
import type { NotificationKind } from '../notifications/notification.ts';
import type { PersonNaming, Transferred } from '../policy/policy.ts';
import type { LoginDoubt, LoginObjection, SubjectChange, WhyAmbiguous } from './ambiguity.ts';
import type { CaseKind } from './case-kind.ts';

/** Type of a map with every kind of case: a missing kind does not compile. */
export type OfEveryKind<T extends Readonly<Record<CaseKind, object>>> = T;

/** Evidence of a case, by kind: ids, codes and names, no personal data. */
export type CaseEvidence = OfEveryKind<{
  'operation-failed': RefusedOperation;
  'account-conflict': RefusedOperation;
  'target-refuses': FailedConnection & { readonly target: string };
  'identity-provider-fails': FailedConnection & { readonly provider: string };
  'target-refuses-change': {
    readonly target: string;
    /** Kind of change, as in the key of a shared refusal. */
    readonly operation: string;
    /** Group, attribute or the like; absent: the change as such. */
    readonly name?: string | undefined;
    /** Number of accounts whose change waits. */
    readonly accounts: number;
    /** Error code of the newest refusal; absent: none is known. */
    readonly code?: string | undefined;
    readonly message?: string | null | undefined;
  };
  'write-without-effect': Pick<Observation, 'name'> & {
    readonly target: string;
    readonly aspect: Aspect;
    readonly evidence: string;
    readonly accounts: number;
  };
  'not-visible': { readonly target: string; readonly accounts: number; readonly aspects: readonly Pick<Observation, 'aspect' | 'name' | 'evidence'>[] };
  'account-moved': { readonly target: string; readonly wanted: DesiredAccount['state'] };
  'account-not-visible': { readonly target: string; readonly reason: string; readonly message: string | null; readonly accounts: number };
  'end-not-confirmed': { readonly target: string; readonly wantedSince: Instant; readonly wanted: DesiredAccount['state'] };
  /** `findings`: number of findings about people who left and can use an account. */
  'leaver-with-access': { readonly target: string; readonly findings: number };
  /** Open findings of one kind and cause. `name`: group or attribute; `''`: the account as a whole. `findings`: number of them. */
  'reconciliation-findings': { readonly target: string; readonly finding: FindingKind; readonly name: string; readonly findings: number };
  /** Accounts of nobody in quarantine that wait for a person. `code`: why; `message`: the same in words, of Tenure or of the target. */
  'quarantine-failed': { readonly target: string; readonly code: string; readonly message: string; readonly accounts: number };
  /** A run that read the target incompletely or was not trusted. `accounts`: number of accounts that it read. */
  'target-not-read': {
    readonly target: string;
    readonly runId: string;
    readonly verdict: ReadingVerdict;
    readonly reasons: readonly ReadingReason[];
    readonly accounts: number;
    /** Code of the error that ended it; `null`: none did. */
    readonly code: string | null;
    /** Canaries that were not listed: user names of the configuration, and ids of accounts of people. */
    readonly canaries: readonly string[];
  };
  /** Open findings of a target that shows an older state. `since`: time of the oldest change that is gone; `null`: it shows almost all accounts under other ids. */
  'target-restored': { readonly target: string; readonly runId: string; readonly findings: number; readonly since: Instant | null };
  /** A target that had accounts at first contact, so that nothing is written there until it is switched on. */
  'target-observed': { readonly target: string };
  /** An account of a person that is not as desired, and that only a person may change. `changes`: kinds of changes that are left undone. */
  'protected-account': { readonly target: string; readonly wanted: DesiredAccount['state']; readonly changes: readonly ChangeKind[] };
  'ambiguous-record': {
    readonly recordId: string;
    readonly source: string;
    /** Correlation key by which they match. */
    readonly by: string;
    readonly why: WhyAmbiguous;
    /** Ids of the people who match, first those about whom the case is. */
    readonly candidates: readonly string[];
    /** Difference of the subject; only with `another-subject`. */
    readonly change?: SubjectChange;
  };
  'ambiguous-login': {
    readonly recordId: string;
    readonly provider: string;
    readonly why: LoginDoubt | Extract<LoginObjection, 'another-subject'>;
    /** Names of the keys that have changed. */
    readonly changed?: readonly string[];
    readonly change?: SubjectChange;
  };
  'policy-evaluation': OfRule & { readonly message: string };
  /** `heldBack`: names of withheld grants. */
  'separation-conflict': OfRule & { readonly names: readonly string[]; readonly heldBack: readonly string[] };
  /** `found`: entitlements that were observed in targets without a grant. */
  'separation-violation': OfRule & { readonly names: readonly string[]; readonly found: readonly string[] };
  'end-before-start': { readonly recordId: string; readonly since: Instant; readonly endsAt: Instant | null };
  'hire-called-off': { readonly why: string };
  /** `held`: names of grants; `accounts`: names of targets. */
  transfer: { readonly what: readonly Transferred[]; readonly rule: string; readonly held: readonly string[]; readonly accounts: readonly string[] };
  /** `missing`: names of attributes. */
  'facts-missing': OfRule & { readonly missing: readonly string[]; readonly isHeld: boolean };
  'break-glass-review': RequestedItem & {
    readonly rule: string;
    readonly takenAt: Instant;
    /** SoD rules that the access violates. */
    readonly separation: readonly string[];
  };
  'request-without-approver': { readonly requestId: string; readonly name: string; readonly stage: string | null; readonly dueAt: Instant | null };
  'requested-access-questionable': RequestedItem & { readonly policyVersion: number };
  /** `latest`: latest end to which it may be extended. */
  'contract-ending': OfRule & { readonly endsAt: Instant; readonly latest: Instant; readonly recordId: string };
  inactive: { readonly rule: string | null; readonly since: Instant; readonly removeAt: Instant | null; readonly policyVersion: number };
  'sponsor-missing': { readonly namedBy: PersonNaming['by']; readonly why: string };
  'change-budget': {
    readonly waveId: string;
    readonly trigger: Trigger;
    readonly source: string | null;
    /** Target that it switches on; absent: none. */
    readonly switchesOn?: string;
    /** Batch change that it undoes; absent: none. */
    readonly undoes?: string;
    readonly problem: BatchProblem | null;
    readonly digest: string;
    readonly people: number;
    /** Role or entitlement whose holders may approve it. */
    readonly holders: string | null;
    /** Largest counts of its plan. */
    readonly changes: readonly EvaluatedCount[];
  };
  /** `people`: number of people; `identityIds`: ids of some of them. */
  'vanished-from-feed': { readonly source: string | null; readonly importId: string; readonly people: number; readonly identityIds: readonly string[] };
  'notice-undeliverable': {
    /** `any`: the recipients were never determined. */
    readonly channel: string;
    readonly endpoint?: string;
    readonly notice: NotificationKind | 'approvals-digest';
    readonly code: string;
    readonly attempts: number;
  };
  'token-ending': { readonly tokenId: string; readonly name: string; readonly roles: readonly string[]; readonly endsAt: Instant };
  'urgent-ends': {
    /** Id of a person; `null`: a service. */
    readonly requestedBy: string | null;
    readonly people: number;
    /** Digest of the people who wait, which changes with them. */
    readonly digest: string;
    readonly identityIds: readonly string[];
  };
  /** A person whose address an application received for somebody else. `addressHash`: digest of it; `others`: ids of those people. */
  'application-address': { readonly application: string; readonly addressHash: string; readonly others: readonly string[] };
  'repair-approval': {
    readonly repairId: string;
    readonly repair: RepairKind;
    /** Digest of the plan, which changes with the consequences. */
    readonly digest: string;
    /** Id of a person; `null`: a service that no person made. */
    readonly requestedBy: string | null;
    readonly why: readonly SecondPersonReason[];
  };
  /** Sessions that ended, and whose application has not confirmed that. `since`: end of the first of them. */
  'logout-not-confirmed': {
    readonly application: string;
    /** Ids of their people, the first ones. */
    readonly identityIds: readonly string[];
    readonly sessions: number;
    readonly since: Instant;
    /** Last instant at which one of them ends by itself. */
    readonly until: Instant;
    /** Code of the last attempt; `null`: none was made. */
    readonly code: string | null;
  };
}>;

/** Evidence as it is read: a case that an earlier version opened may lack fields. */
export type StoredEvidence<K extends CaseKind = CaseKind> = { readonly [F in keyof CaseEvidence[K]]?: CaseEvidence[K][F] | undefined };

/** Kind and evidence of a case that is opened. */
export type NewCaseContent = { readonly [K in CaseKind]: { readonly kind: K; readonly evidence: CaseEvidence[K] } }[CaseKind];

/** Kind and evidence of a case that is read. */
export type CaseContent = { readonly [K in CaseKind]: { readonly kind: K; readonly evidence: StoredEvidence<K> } }[CaseKind];

interface OfRule {
  readonly rule: string;
  readonly policyVersion: number;
}

interface RefusedOperation {
  readonly target: string;
  readonly operation: ChangeKind;
  /** Names of the attributes that an update would write. */
  readonly attributes?: readonly string[];
  readonly code: string;
  readonly message: string;
  readonly reason?: string;
}

/** Failure of a test of the connection, or of the look-up of an account. */
interface FailedConnection {
  readonly message: string;
  /** Error code of a look-up. */
  readonly code?: string;
  readonly step?: ConnectionStep;
  readonly reason?: string;
  readonly since?: Instant | null;
  /** For a target: number of people, and of operations, that wait. */
  readonly people?: number;
  readonly operations?: number;
}

interface RequestedItem {
  readonly itemId: string;
  readonly requestId: string;
  readonly kind: 'role' | 'entitlement';
  readonly name: string;
  readonly validUntil: Instant | null;
}
