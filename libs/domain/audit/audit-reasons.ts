import type { Change, DesiredAccount } from '../accounts/account.ts';
import type { EntryRefusal } from '../applications/decide-entry.ts';
import type { BatchProblem } from '../batches/batch-problem.ts';
import type { CaseEvidence } from '../cases/case-evidence.ts';
import type { CaseKind } from '../cases/case-kind.ts';
import type { ConnectionKind } from '../connections/connection-check.ts';
import type { EndRefusal } from '../lifecycle/end-refusal.ts';
import type { Instant } from '../identity/facts.ts';
import type { ModeReason, TargetMode } from '../targets/target-mode.ts';
import type { SuspensionKind } from '../suspensions/suspension.ts';
import type { Lifecycle, LifecycleState, Trigger } from '../lifecycle/lifecycle.ts';
import type { LoginRefusal } from '../login/login-refusal.ts';
import type { Notification } from '../notifications/notification.ts';
import type { Grant, Origin } from '../policy/policy.ts';
import type { FindingKind } from '../reconciliation/finding.ts';
import type { QuarantineState } from '../reconciliation/quarantine-state.ts';
import type { NotNobodys } from '../reconciliation/why-not-nobodys.ts';
import type { RepairKind, SecondPersonReason } from '../repairs/repair.ts';

/** Action of an audit event about a change of an account that a target has accepted, or that was already in effect. */
export type AccountAction = `account.${Change['kind']}`;

/** Action of an audit event: subject and past tense. */
export type AuditAction = keyof AuditReasons;

/** Reason of an audit event, by action: rules, versions, records, requests; ids and names only, never personal data. */
export type AuditReasons = OwnReasons & { readonly [A in AccountAction]: ChangedAccount };

/** Reason of an event as it is read: fields that an earlier version did not write are absent. Of a union it has the fields of all members. */
export type StoredReason<A extends AuditAction> = { readonly [F in KeysOf<AuditReasons[A]>]?: ValueOf<AuditReasons[A], F> | undefined };

type KeysOf<T> = T extends unknown ? keyof T : never;
type ValueOf<T, F> = T extends unknown ? (F extends keyof T ? T[F] : never) : never;

interface OwnReasons {
  /** `at`: the requested field or route. */
  'access.refused': { readonly at: string; readonly code: string } & Details;
  'account.changedThere': {
    readonly target: string;
    readonly wanted: DesiredAccount['state'];
    readonly confirmedAt: Instant | null;
    /** Observed state; `null`: not shown, or there is no account. */
    readonly enabled: boolean | null;
    /** The reconciliation run that found it, so that the correction waits for approval. Absent: it was read back, and is corrected. */
    readonly runId?: string;
  };
  'account.confirmed': ConcludedAccount;
  'account.notVisible': ConcludedAccount;
  'account.wanted': { readonly target: string; readonly state: DesiredAccount['state']; readonly entitlements: readonly string[] } & Justification;
  'audit.sealed': { readonly reason: string };
  /** `undone`: the batch change that it undoes; `items`: number of items that it would carry out; `fellAway`: number of those that it leaves as they are. */
  'batch.undoRequested': { readonly undone: string; readonly policy: string | null; readonly items: number; readonly fellAway: number };
  'batch.notCarriedOut': { readonly source: string | null; readonly problem: BatchProblem };
  'case.assigned': OwnedCase & { readonly deadline: Instant };
  'case.claimed': AnsweredCase & { readonly by: string };
  /** `kind` and `recordId`: if a person has answered it. */
  'case.closed': { readonly kind?: CaseKind; readonly inPlaceOf?: string; readonly resolution: string; readonly recordId?: string };
  'case.commented': AnsweredCase & { readonly commentId: string };
  'case.escalated': OwnedCase & { readonly deadline: Instant };
  'case.opened': OpenedCase;
  'case.reassigned': AnsweredCase & Omit<OwnedCase, 'kind' | 'group'> & { readonly group?: string | null; readonly why?: string };
  /** `by`: person who had claimed it. */
  'case.released': AnsweredCase & { readonly by: string | null };
  'connection.checkRequested': { readonly kind: ConnectionKind; readonly name: string };
  'target.modeSet': {
    readonly target: string;
    readonly mode: TargetMode;
    readonly why: ModeReason /** Absent: first contact. */;
    readonly before?: TargetMode;
  };
  'reconciliation.requested': { readonly target: string; readonly runId: string; readonly expectsFewer: boolean };
  /** `changes`: kinds of change with the number of accounts; `isRequested`: by a person, whose reason is in the batch change. */
  'corrections.begun': { readonly target: string; readonly accounts: number; readonly changes: readonly string[]; readonly isRequested: boolean };
  'account.adoptionRequested': { readonly target: string; readonly findingId: string };
  /** `code`: `AdoptionObjection`, or that of the target's error. */
  'account.adoptionRefused': { readonly findingId: string; readonly code: string };
  /** `by`: `adoptBy`, the attribute of the target's configuration, or the `decision` of an administrator. */
  'account.adopted': { readonly target: string; readonly findingId: string; readonly by: 'adoptBy' | 'decision' };
  'findings.ignored': IgnoredReason & { readonly until: Instant; readonly ownerId: string | null };
  'findings.noLongerIgnored': IgnoredReason;
  /** `wasEnabled`: state before; `null`: the target does not report it. `memberships`: names of the groups that were taken. */
  'quarantine.begun': Quarantined & { readonly deleteAt: Instant };
  'quarantine.deleted': { readonly target: string; readonly disabledAt: Instant | null };
  /** `code`: reason for which a person has to look at it. */
  'quarantine.failed': { readonly target: string; readonly state: QuarantineState; readonly code: string };
  'quarantine.released': { readonly target: string; readonly why: NotNobodys };
  'quarantine.restored': Quarantined;
  'quarantine.restoreRequested': { readonly target: string };
  'delegation.given': Delegated;
  'delegation.revoked': Delegated;
  'grant.changed': BoundedGrant & { readonly before: readonly Origin[] };
  'grant.ended': GrantReason & { readonly why: string; readonly recordIds: readonly string[] };
  'grant.given': BoundedGrant;
  'hold.ended': SuspensionReason;
  'hold.lifted': SuspensionReason;
  'hold.placed': SuspensionReason;
  'identity.contractExtended': {
    readonly recordId: string;
    /** The source's record. */
    readonly extends: string;
    readonly from: Instant;
    readonly to: Instant;
    readonly rule: string;
    readonly policyVersion: number;
  };
  'identity.created': { readonly source: string; readonly recordId: string };
  /** About both identities. */
  'identity.merged': { readonly repairId: string; readonly from: string; readonly into: string };
  'identity.reactivated': SaidByHand;
  'identity.sponsorChanged': { readonly from: string | null; readonly to: string | null; readonly why: string };
  'identity.stateChanged': {
    /** `null`: there was no decision before. */
    readonly from: LifecycleState | null;
    readonly to: LifecycleState;
    readonly why: string;
    readonly rule: string | null;
    readonly policyVersion: number;
    readonly recordIds: readonly string[];
    readonly trigger: Trigger;
  };
  'identity.terminated': SaidByHand;
  'identity.terminationAsked': { readonly caseId: string };
  'identity.terminationLifted': SaidByHand;
  'identity.terminationRefused': { readonly why: EndRefusal };
  'identity.terminationScheduled': SaidByHand;
  'identity.userNameReleased': { readonly repairId: string };
  'import.begun': { readonly source: string };
  'import.finished': {
    readonly source: string;
    /** Number of new or changed records. */
    readonly records: number;
    readonly repeated: number;
    readonly vanished: number;
    readonly named: number;
    readonly isComplete: boolean;
  };
  'login.accepted': { readonly provider: string; readonly recordId: string; readonly outcome: string };
  /** `by`: a correlation key, `link`, `created` or `decision`. */
  'login.bound': { readonly provider: string; readonly by: string };
  'login.claimsLeftOut': {
    readonly provider: string;
    readonly kept: readonly string[];
    readonly elsewhere: readonly string[];
    readonly isUserInfoRefused?: boolean;
  };
  'login.confirmed': { readonly provider: string; readonly recordId: string; readonly why: CaseEvidence['ambiguous-login']['why'] };
  'login.linkMade': { readonly provider: string; readonly linkId: string; readonly expiresAt: Instant };
  'login.refused': { readonly provider: string; readonly reason: LoginRefusal } & Details;
  'login.unbound': { readonly provider: string; readonly why: 'rebound' | 'somebody-else' | 'ended-by-hand' | 'merged'; readonly recordId: string | null };
  'notice.givenUp': NotificationReason & { readonly code: string; readonly attempts: number };
  'notice.sent': NotificationReason;
  'notice.skipped': NotificationReason & { readonly why: string };
  'notices.chosen': { readonly approvals: 'each' | 'digest' };
  'operation.givenUp': DecidedOperation;
  'operation.retried': DecidedOperation;
  'operation.skipped': DecidedOperation;
  'operation.superseded': { readonly target: string; readonly kind: Change['kind'] };
  /** SHA-256 of the policy, and of tenure.yaml if it was stored with it. */
  'policy.published': { readonly digest: string; readonly settings?: string };
  'record.conflict': { readonly source: string; readonly version: string };
  'record.corrected': DecidedRecord;
  'record.held': { readonly source: string; readonly version: string; readonly status: 'active' | 'ended' | null; readonly waveId: string };
  /** `by`: a correlation key, or `decision`. */
  'record.linked': { readonly source: string; readonly by: string };
  /** `of`: version that the source stated last; `batchId`: the undo that restored it; `isWithdrawn`: the record is withdrawn, as before. */
  'record.restored': DecidedRecord & { readonly batchId: string; readonly isWithdrawn: boolean };
  /** About both people. */
  'record.moved': { readonly repairId: string; readonly source: string; readonly from: string; readonly to: string };
  'record.taken': RecordReason;
  'record.withdrawn': DecidedRecord;
  'repair.approved': RequestedRepair;
  'repair.discarded': RequestedRepair;
  'repair.requested': RequestedRepair & { readonly why: readonly SecondPersonReason[] };
  /** `of`: the repair that was undone. */
  'repair.undone': RequestedRepair & { readonly of: string };
  'request.answerRefused': Answered;
  'request.answered': Answered;
  'request.approved': RequestedItem & { readonly why: null } & Bounds & { readonly heldUntil: Instant | null; readonly exceptions: readonly string[] };
  'request.asked': RequestedItem & { readonly approverId: string; readonly inPlaceOf: string | null; readonly via: string };
  'request.askedNoLonger': RequestedItem & { readonly approverId: string; readonly via: string };
  'request.brokeGlass': RequestedItem & Bounds & { readonly exceptions: readonly string[] };
  /** `separation` and `names`: the SoD rule that excludes it, and the grants with which it conflicts. */
  'request.denied': RequestedItem & { readonly why: string | null; readonly separation?: string; readonly names?: readonly string[] };
  'request.dropped': RequestedItem;
  'request.ended': ItemReason & { readonly why: string };
  'request.escalated': RequestedItem & { readonly why: string };
  /** Access that was found in a target, and is kept with an owner and an end. */
  'request.foundKept': RequestedItem & Bounds & { readonly findingId: string; readonly ownerId: string };
  'request.judged': ItemReason & { readonly decision: 'keep' | 'drop' };
  'request.linkUsed': { readonly itemId: string; readonly by: string; readonly approves: boolean; readonly outcome: string };
  'request.opened': {
    readonly requestedBy: string;
    readonly items: readonly (ItemReason & { readonly duration: string; readonly rule: string; readonly exceptions: readonly string[] })[];
  };
  'request.reminded': RequestedItem;
  'request.restored': ItemReason & { readonly why: string };
  'request.returned': RequestedItem;
  'request.reviewed': RequestedItem & { readonly review: 'justified' | 'not-justified'; readonly by: string };
  'request.stagePassed': RequestedItem & { readonly by: string };
  'request.withdrawn': RequestedItem;
  'separation.excepted': Exception & { readonly by: string; readonly until: Instant; readonly caseId: string };
  'separation.exceptionEnded': Exception & { readonly why: string; readonly by?: string };
  'separation.exceptionRestored': Exception & { readonly why?: string };
  'serviceToken.created': {
    readonly name: string;
    readonly roles: readonly string[];
    readonly expiresAt: Instant;
    readonly parentId?: string;
    readonly responsibleId?: string;
  };
  'serviceToken.revoked': { readonly name: string | null; readonly roles: readonly string[] | null; readonly why: string; readonly parentId?: string };
  /** `by`: entitlements that let the person in; empty: the rule of the application. `claims`: names of the claims, without values. */
  'application.entered': {
    readonly application: string;
    readonly protocol: 'saml' | 'oidc';
    readonly by: readonly string[];
    readonly claims: readonly string[];
    readonly groups: readonly string[];
    readonly until: Instant;
    readonly policyVersion: number;
  };
  'application.refused': { readonly application: string; readonly protocol: 'saml' | 'oidc'; readonly reason: EntryRefusal };
  'application.sessionEnded': { readonly application: string; readonly why: string };
  /** `code`: answer of the application. */
  'application.logoutConfirmed': LogoutReason & { readonly code: string };
  /** `outcome`: `no-channel`, it can be notified through a browser only; `until`: latest end of the session there. */
  'application.logoutNotConfirmed': LogoutReason & {
    readonly outcome: 'no-channel' | 'expired' | 'refused' | 'abandoned';
    readonly code: string;
    readonly until: Instant;
  };
  'application.logoutRetried': { readonly application: string; readonly sessions: number };
  'session.ended': { readonly why: string };
  'key.published': { readonly purpose: string };
  /** `before`: key that signed until then; `null`: none, or one that was taken out of use. */
  'key.activated': { readonly purpose: string; readonly before: string | null };
  /** `why`: the schedule's reason, or the text of whoever took the key out of use. */
  'key.retired': { readonly purpose: string; readonly why: string };
  /** `state`: lifecycle state of the person, if a decision ended the sessions. */
  'sessions.revoked': { readonly count: number; readonly why: string; readonly state?: LifecycleState };
  'wave.discarded': { readonly source: string | null; readonly policy: string | null; readonly people: number };
  'wave.finished': { readonly people: number; readonly carriedOut: number; readonly fellAway: number };
  /** `policy`: digest of a policy version. */
  'wave.held': {
    readonly trigger: Trigger;
    readonly source?: string | null;
    readonly policy?: string;
    /** Target that it would switch on. */
    readonly switchesOn?: string;
    /** Target whose findings it corrects. */
    readonly corrections?: string;
  };
  'wave.opened': { readonly trigger: Trigger; readonly people: number };
  'wave.released': {
    readonly digest: string;
    /** The target that is switched on. */
    readonly switchesOn?: string;
    readonly policy?: string | null;
    readonly source?: string | null;
    /** For a source: number of approved records, and of all; if a part was approved, the batch change of that part, and the selection. */
    readonly records?: number;
    readonly of?: number;
    readonly as?: string;
    readonly part?: { readonly people: number | null; readonly kinds: readonly string[] | null };
  };
  'wave.replaced': { readonly source?: string | null; readonly policy?: string | null; readonly by?: string };
}

/** End of a session at an application. `why`: reason for which it ended. */
interface LogoutReason {
  readonly application: string;
  readonly protocol: 'saml' | 'oidc';
  readonly endedAt: Instant;
  readonly why: string | null;
  readonly attempts: number;
}

/** `name`: group or attribute; `null`: every name. `findingId`: the one finding; `null`: all of the kind. */
interface IgnoredReason {
  readonly target: string;
  readonly kind: FindingKind;
  readonly name: string | null;
  readonly findingId: string | null;
}

interface Quarantined {
  readonly target: string;
  readonly wasEnabled: boolean | null;
  readonly memberships: readonly string[];
}

/** Justification of a desired state in a target: the grants in force there with their origins, and the state of the lifecycle. */
export interface Justification {
  readonly because: readonly {
    readonly name: string;
    readonly origins: readonly Pick<Origin, 'kind' | 'name' | 'viaRole' | 'policyVersion' | 'recordIds'>[];
  }[];
  readonly lifecycle: Pick<Lifecycle, 'state' | 'why' | 'rule' | 'recordIds'>;
  readonly policyVersion: number;
}

/** Reason for which an operation was planned: a decision, or `found`: an observation in the target. */
export type OperationReason = Justification | { readonly found: string };

/** Further ids of the subject. */
type Details = Readonly<Record<string, string>>;

type ChangedAccount = {
  readonly target: string;
  readonly operationId: string;
  /** Correlation id of the decision. */
  readonly decidedIn: string;
  /** The target's own name of a membership; absent: the change is no membership. */
  readonly entitlement?: string;
  /** True if the change was already in effect. */
  readonly already?: true;
} & OperationReason;

interface ConcludedAccount {
  readonly target: string;
  readonly state: DesiredAccount['state'];
  readonly entitlements: readonly string[];
  readonly wantedSince: Instant;
}

interface RequestedRepair {
  readonly repairId: string;
  readonly kind: RepairKind;
}

interface OwnedCase {
  readonly kind: CaseKind;
  /** Id of the earlier owner, or name of the earlier group; `null`: the operators. */
  readonly from: string | null;
  readonly to: string | null;
  readonly group: string | null;
}

interface AnsweredCase {
  readonly kind: CaseKind;
  /** Owner of the case, if somebody else acts on their behalf. */
  readonly inPlaceOf?: string;
}

/** Kind of the case with its evidence. `kind` is the case's: that of the evidence of requested access is left out, and stays in the case. */
type OpenedCase = { readonly [K in CaseKind]: { readonly kind: K } & Omit<CaseEvidence[K], 'kind'> }[CaseKind];

interface Delegated {
  readonly from: string;
  readonly to: string;
  readonly kinds: readonly string[];
  readonly validFrom: Instant;
  readonly validUntil: Instant;
}

interface GrantReason extends Pick<Grant, 'kind' | 'name' | 'origins' | 'validFrom' | 'validUntil'> {
  readonly policyVersion: number;
}

/** `heldUntil`: end of the grant, at the latest the end of the person's relationship. */
interface BoundedGrant extends GrantReason {
  readonly heldUntil: Instant | null;
}

interface SuspensionReason {
  readonly kind: SuspensionKind;
  readonly target: string | null;
  readonly operationId: string | null;
  readonly until: Instant;
  readonly keepsAccess: boolean;
}

interface SaidByHand {
  readonly recordId: string;
  readonly endedAt: Instant | null;
  readonly endedOn: string | null;
}

interface NotificationReason {
  readonly kind: string;
  /** `any`: the recipients were never determined. */
  readonly channel: string;
  readonly endpoint?: string;
  readonly about: Notification['about'];
}

interface DecidedOperation {
  readonly target: string;
  readonly kind: Change['kind'];
  readonly error: string | null;
}

interface RecordReason {
  readonly source: string;
  readonly version: string;
  readonly status: 'active' | 'ended' | null;
  readonly endedAt: Instant | null;
  readonly endedOn: string | null;
}

/** `of`: version that the source stated; `version`: version under which it counts. */
interface DecidedRecord extends RecordReason {
  readonly of: string;
}

interface ItemReason {
  readonly itemId: string;
  readonly kind: Grant['kind'];
  readonly name: string;
}

interface RequestedItem extends ItemReason {
  readonly rule: string;
  readonly policyVersion: number;
  readonly stage: string | null;
}

interface Bounds {
  readonly validFrom: Instant | null;
  readonly validUntil: Instant | null;
}

interface Answered {
  readonly itemId: string;
  readonly name: string;
  readonly stage: string | null;
  readonly by: string;
  readonly inPlaceOf: string | null;
  readonly approves: boolean;
  readonly outcome: string;
}

interface Exception {
  readonly rule: string;
  readonly names: readonly string[];
}
