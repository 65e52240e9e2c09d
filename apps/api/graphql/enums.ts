import type { AccountStatus } from './accounts/view-accounts.ts';
import { registerEnumType } from '@nestjs/graphql';
import type {
  Aspect,
  BatchItemResult,
  CaseResolution,
  ChangeKind,
  ConnectionKind,
  ConnectionStep,
  DelegatedKind,
  FallAwayReason,
  SuspensionKind,
  Inactivity,
  LifecycleState,
  OperationStatus,
  Origin,
  StepResult,
  UserType,
  Verdict,
  BatchChangeKind,
} from '@tenure/domain';
import type { TakenRecord } from '@tenure/engine/intake';
import type { Reactivation, Termination } from '@tenure/engine/leavers';
import type { Extension } from '@tenure/engine/sponsors';
import type { ApprovalNotifications, BatchProblem, Import, InboxKind, LogoutNoticeStatus, RequestItemStatus } from '@tenure/store';

/**
 * A GraphQL enumeration of all values of a union, with a description of it and of each value: `pre-hire` becomes PRE_HIRE.
 * @param names of values that clients know by another name than the one that is stored
 */
export function enumOf<T extends string>(
  name: string,
  description: string,
  meanings: Readonly<Record<T, string>>,
  names: { readonly [value in T]?: string } = {},
): Readonly<Record<string, T>> {
  const entries = (Object.keys(meanings) as T[]).map(
    (value) =>
      [
        names[value] ??
          value
            .replace(/([a-z])([A-Z])/g, '$1_$2')
            .replace(/-/g, '_')
            .toUpperCase(),
        value,
      ] as const,
  );
  const values = Object.fromEntries(entries) as Record<string, T>;
  registerEnumType(values, { name, description, valuesMap: Object.fromEntries(entries.map(([key, value]) => [key, { description: meanings[value] }])) });
  return values;
}

export const LifecycleStateEnum = enumOf<LifecycleState>('LifecycleState', 'Lifecycle state of a person.', {
  'pre-hire': 'Known before the start date.',
  active: 'Active: may log in, and has the access that the policy grants.',
  suspended: 'On leave, or inactive for too long: accounts are disabled, grants stay.',
  leaving: 'Terminated, within the grace period: accounts are disabled.',
  left: 'Terminated, after the grace period.',
  erased: 'Erased: personal data is deleted.',
});

export const UserTypeEnum = enumOf<UserType>('UserType', 'Type of a user.', {
  employee: 'Employee, on the payroll.',
  contractor: 'Contractor, bound by a contract that ends.',
  partner: 'Member of another organisation.',
});

export const GrantKindEnum = enumOf<'role' | 'entitlement'>('GrantKind', 'Kind of a grant.', {
  role: 'A role: a named set of entitlements.',
  entitlement: 'An entitlement: one permission in one target.',
});

export const OriginKindEnum = enumOf<Origin['kind']>('OriginKind', 'Kind of an origin.', {
  rule: 'A birthright rule of the policy.',
  assertion: 'A group that a login source asserts.',
  request: 'An approved request.',
  'break-glass': 'Break-glass access, with a review afterwards.',
  exception: 'An exception by name; Tenure creates none at present.',
});

export const AccountStateEnum = enumOf<'enabled' | 'disabled' | 'absent'>('AccountState', 'State of an account, desired or planned.', {
  enabled: 'The account exists and can be used.',
  disabled: 'The account exists and cannot be used.',
  absent: 'The account does not exist.',
});

export const AccountStatusEnum = enumOf<AccountStatus>('AccountStatus', 'Status of an account between its desired and its observed state.', {
  confirmed: 'The last observation showed the whole desired state.',
  'not-visible': 'The desired state was provisioned, and the target cannot show all of it.',
  'observed-only': 'It is not in the desired state, and the target is only observed: nothing is written there.',
  'changed-by-others': 'A reconciliation run showed that others changed it; the correction waits for approval.',
  protected: 'It is not in the desired state, and protected (protectedAccounts): Tenure changes nothing there.',
  provisioning: 'It is being brought to the desired state.',
});

export const ObservedStateEnum = enumOf<'enabled' | 'disabled' | 'absent' | 'not-visible'>('ObservedState', 'Observed state of an account.', {
  enabled: 'The account exists and can be used.',
  disabled: 'The account exists and cannot be used.',
  absent: 'The account does not exist, in an answer that would have shown it.',
  'not-visible': 'The account exists; the target does not show if it can be used.',
});

export const AspectEnum = enumOf<Aspect>('AccountAspect', 'Aspect of an account.', {
  existence: 'Existence of the account.',
  state: 'Enabled state of the account (SCIM active).',
  attribute: 'One mapped attribute.',
  membership: 'One group or role, as the policy writes it.',
});

export const VerdictEnum = enumOf<Verdict>('ObservationVerdict', 'Result of the observation of one aspect.', {
  PRESENT: 'The target shows the desired value; of a membership: that it exists.',
  ABSENT: 'The target could have shown it and did not; of an attribute or a state: it shows another value.',
  NOT_VISIBLE: 'The target cannot show it, or its answer was not believed. It never counts as absent.',
});

export const OperationStatusEnum = enumOf<OperationStatus>(
  'OperationStatus',
  'Status of an operation.',
  {
    pending: 'Waits for its turn, or for a target that is unavailable.',
    done: 'Carried out.',
    failed: 'Refused permanently: waits for an operator (retryOperation, abandonOperation).',
    superseded: 'A newer decision replaced it.',
    'given-up': 'An operator cancelled or abandoned it (cancelOperation, abandonOperation).',
  },
  { 'given-up': 'ABANDONED' },
);

export const ChangeKindEnum = enumOf<ChangeKind>('ChangeKind', 'Kind of a change in a target.', {
  create: 'Creates the account.',
  update: 'Changes attributes of the account.',
  enable: 'Enables the account.',
  disable: 'Disables the account.',
  addMember: 'Adds an entitlement (group membership or role) to the account.',
  removeMember: 'Removes an entitlement (group membership or role) from the account.',
  delete: 'Deletes the account.',
});

export const ConnectionKindEnum = enumOf<ConnectionKind>('ConnectionKind', 'Kind of a connection.', {
  target: 'A target: a connected system with accounts.',
  'identity-provider': 'A SAML or OIDC identity provider.',
});

export const ConnectionStatusEnum = enumOf<'works' | 'fails' | 'unknown'>('ConnectionStatus', 'Status of a connection.', {
  works: 'The last test passed.',
  fails: 'The last test failed at one of its steps.',
  unknown: 'Never tested: no worker has run with the connection yet.',
});

export const ConnectionStepEnum = enumOf<ConnectionStep>('ConnectionStepName', 'Step of the test of a connection.', {
  reached: 'The host name resolves and a server accepts the connection.',
  certificate: "The connection is encrypted and the server's certificate is valid.",
  answers: 'The answer conforms to the protocol; for identity providers: metadata, discovery document and keys are valid.',
  credentials: "Tenure's credentials are accepted.",
  rights: 'Tenure has the rights to read what it needs; for SQL also to write.',
});

export const StepResultEnum = enumOf<StepResult['result']>('ConnectionStepResult', 'Result of a step.', {
  ok: 'Tested, and passed.',
  failed: 'Tested, and failed.',
  'not-tested': 'Not tested, because an earlier step failed or because it cannot be tested: see the message.',
});

export const CaseKindEnum = enumOf<InboxKind>(
  'CaseKind',
  'Kind of a case. docs/cases.md describes the evidence, the deadline and the answers of each kind.',
  {
    'request-approval': 'An item of a request waits for approval (decideRequestItem).',
    'operation-failed': 'A target refused an operation permanently (retryOperation, abandonOperation).',
    'account-conflict': 'A target has an account with the desired user name that is not known to belong to the person.',
    'target-refuses':
      'A target fails as a whole: it is unreachable, its certificate or the credentials of Tenure are refused, or a right is missing. The evidence has reason, since, people and operations.',
    'target-refuses-change':
      'A target refuses a change for every account, because of the target or its settings: a missing group, an unknown attribute, a missing right. The evidence has operation, name, message and the number of accounts.',
    'identity-provider-fails':
      'Logins with an identity provider fail for everybody: it is unreachable, or its metadata, keys or client are wrong. The evidence has reason and since.',
    'write-without-effect': 'A target accepts a value and stores another one: it is not written again until an operator retries it (retryOperations).',
    'not-visible': 'A target cannot show something that Tenure manages there: it is provisioned and never confirmed.',
    'account-moved': 'An account lies outside the part of the target in which Tenure searches accounts.',
    'account-not-visible': 'Accounts of a target may exist where Tenure cannot read. The evidence has reason, message and the number of accounts.',
    'end-not-confirmed': 'An account should be disabled or deleted, and no observation has confirmed it in time.',
    'leaver-with-access': 'People who left can use accounts in a target, as a reconciliation run showed. The evidence has target and the number of findings.',
    'reconciliation-findings':
      'A target contains what nothing justifies, or lacks what policy gives. The evidence has target, finding (kind), name (of the group or attribute) and the number of findings.',
    'target-not-read':
      'A reconciliation run did not read a target completely. The evidence has target, runId, verdict, reasons, accounts, code and canaries (those that were not listed).',
    'target-restored':
      'A target shows an older state: it was restored from a backup, or rebuilt with other ids. The evidence has target, runId, the number of findings and since (time of the oldest change that is gone; null: rebuilt).',
    'quarantine-failed':
      'Accounts of nobody in quarantine need a person: somebody has enabled one, it may be a person’s, or the target refuses a change. The evidence has target, code, message and the number of accounts.',
    'target-observed': 'A target had accounts at first contact, so Tenure writes nothing there until somebody switches it on. The evidence has target.',
    'protected-account':
      'An account of a person is protected (protectedAccounts of its target) and not as desired: Tenure changes nothing there. It closes once a reconciliation run shows the account as desired, or the account is no longer protected. The evidence has target, desired (state) and changes (kinds).',
    'ambiguous-record': 'A source record matches several people, or a person who has left: correlation needs a human decision (decideRecord).',
    'ambiguous-login':
      'A login is bound to a person and may belong to another: its correlation keys have changed, or the person has rights in Tenure and no administrator has confirmed the login.',
    'policy-evaluation': 'A rule of the policy could not be evaluated for a person.',
    'separation-conflict': 'Grants of a person would violate a separation-of-duties rule, so that some of them are withheld.',
    'separation-violation': 'A person has grants that violate a separation-of-duties rule, and Tenure does not remove them automatically.',
    'end-before-start': 'A record states an end before the start for a person who has started: the wrong date needs a human decision.',
    'hire-called-off': 'A hire was called off before the start; the prepared accounts are removed.',
    'facts-missing': 'A required fact of a person is missing, such as a sponsor or an end date.',
    transfer: 'A person has left: their responsibilities need a new owner.',
    'request-without-approver': 'A request has no approver; it is denied at its deadline.',
    'contract-ending': 'A contract ends soon: its sponsor may extend it (extendContract). Without an answer it ends.',
    inactive: 'A person was disabled for inactivity: their manager may reactivate them (reactivate).',
    'sponsor-missing': 'A person has no sponsor: the named sponsor and all managers above are unknown or have left.',
    'break-glass-review': 'Break-glass access waits for its review (reviewBreakGlass).',
    'requested-access-questionable':
      'The policy would no longer let the person request what was approved: its owner keeps or removes it (decideRequestedAccess).',
    'change-budget':
      'A batch change waits for approval (approveBatchChange, discardBatchChange): it exceeds the change budget, undoes another one (undoes), or could not be carried out (problem).',
    'vanished-from-feed': 'A complete import no longer contains people, so that they were terminated.',
    'notice-undeliverable': 'A notification could not be delivered to a person or webhook; the case closes when one can be delivered again.',
    'token-ending': 'The service token of a source expires soon: its owner gives the source another one, or lets it expire (resolveCase).',
    'urgent-ends':
      'A caller requested more immediate terminations than the policy allows (budget.urgentEnds): a second person approves or discards them (approveUrgentEnds, discardUrgentEnds).',
    'repair-approval':
      'A repair of identities waits for a second administrator (approveRepair, discardRepair): it concerns a person with rights in Tenure, or exceeds the budget of urgent ends. The evidence has repairId, repair (kind), digest, requestedBy and why.',
    'logout-not-confirmed':
      'An application has not confirmed in time that sessions there ended (retryLogoutNotifications). The evidence has application, identityIds (the first of the people), sessions (how many), since, until and code (of the last attempt).',
    'application-address':
      'A person wants to enter an application that knows people by their address (subject: email), and it received that address for others: whether it may be sent for this person is decided first (decideApplicationAddress). The evidence has application and others (ids of people).',
  },
  { 'notice-undeliverable': 'NOTIFICATION_UNDELIVERABLE' },
);

export const BatchChangeStatusEnum = enumOf<Import['standing']>(
  'BatchChangeStatus',
  'Status of a batch change or import.',
  {
    collecting: 'An import that is not finished: the source still sends batches.',
    held: 'Waits for approval; no item is in force.',
    free: 'Approved, or within the change budget: the worker carries it out until finishedAt.',
    discarded: 'Closed: an operator discarded it, or no pending item was left (decisionReason). None of its items will be carried out.',
  },
  { free: 'APPROVED', held: 'WAITS_FOR_APPROVAL' },
);

export const BatchItemResultEnum = enumOf<BatchItemResult>(
  'BatchItemResult',
  'Result of an item of a batch change.',
  {
    pending: 'Waits for approval or, once approved, for the worker.',
    'carried-out': 'In force: decided, with its operations in the targets.',
    'fell-away': 'Newer information makes it unnecessary; the field reason has the cause.',
    discarded: 'An operator discarded it.',
  },
  { 'fell-away': 'OBSOLETE' },
);

export const FallAwayReasonEnum = enumOf<FallAwayReason>(
  'ObsoleteReason',
  'Reason why an item of a batch change is obsolete.',
  {
    superseded: 'The source sent a newer record, or a newer import contains it.',
    'named-again': 'The source sent a record of the person, who was missing in an earlier import.',
    'in-force': 'The content of the record is recorded already.',
    refused: 'No person matches, and the source may not create people.',
    conflict: 'The same version is recorded already, with other content.',
    'no-change': 'The person would no longer change.',
    'other-policy': 'Another configuration version is in force.',
    protected: 'The account is protected by now (protectedAccounts).',
    'handed-on': 'Deciding failed; the identity lifecycle workflow of the person retries it.',
    newer:
      'Of an undo: the record has changed since, or an operator, a sponsor or another source has stated an end since; or the account has left the quarantine, or its person is to have none any more, or the membership was taken again on request.',
    'content-unknown': 'Of an undo: the audit no longer has, or never had, the content of the record before.',
    'not-permitted':
      'Of an undo: the requester may not change records of this person, such as their own, or, without being an administrator, those of people with rights in Tenure.',
    desired: 'Of an undo: what was written to the account of a person is its desired state, and no membership was taken.',
    'not-grantable':
      'Of an undo: no entitlement of the configuration version in force gives the membership that was taken, or a separation-of-duties rule forbids it.',
  },
  { 'named-again': 'REAPPEARED', 'in-force': 'ALREADY_RECORDED', 'other-policy': 'OTHER_CONFIGURATION', 'handed-on': 'DEFERRED' },
);

export const CaseResolutionEnum = enumOf<CaseResolution>(
  'CaseResolution',
  'Way in which a case was closed.',
  {
    answered: 'Somebody answered it in words (resolveCase), which the audit has.',
    linked: 'The record was linked to a known person (decideRecord).',
    'new-person': 'The record was linked to a new person (decideRecord).',
    rebound: 'The login was bound to a person in place of their former login (rebindLogin).',
    'login-confirmed': 'The login was confirmed (decideLogin).',
    'login-ended': 'The binding of the login was ended (decideLogin).',
    approved: 'The batch change, the terminations, the item of a request or the address were approved.',
    denied: 'The item of a request was denied (decideRequestItem), or nobody decided in time; or the address was denied.',
    withdrawn: 'The item of a request was withdrawn (withdrawRequest).',
    discarded: 'The batch change or the terminations were discarded.',
    excepted: 'An SoD exception was granted (grantSeparationException).',
    justified: 'The break-glass access was justified (reviewBreakGlass).',
    'not-justified': 'The break-glass access was not justified, and ended (reviewBreakGlass).',
    retried: 'The operation is retried (retryOperation).',
    abandoned: 'The operation was abandoned (abandonOperation).',
    cancelled: 'The operation was cancelled (cancelOperation).',
    automatic: 'The cause of the case is gone; closeReason has the words.',
  },
  { excepted: 'EXCEPTION_GRANTED' },
);

export const ApproverSelectionEnum = enumOf<'manager' | 'sponsor' | 'person' | 'grant' | 'escalation'>(
  'ApproverSelection',
  'Way in which an approver was selected.',
  {
    manager: 'Manager of the person whom the request is for.',
    sponsor: 'Sponsor of the person whom the request is for.',
    person: 'Named by user name in the policy.',
    grant: 'Has the role or entitlement of selectedByGrant.',
    escalation: 'Manager of an approver who has not answered or cannot answer.',
  },
);

export const BatchProblemEnum = enumOf<BatchProblem>('BatchProblem', 'Problem of a batch change.', {
  'source-removed': 'The source is no longer in tenure.yaml.',
  'not-taken': 'Deciding about records failed repeatedly; the log of the workers has the error.',
  'target-observed': 'The target that it corrects is only observed by now.',
});

export const BatchChangeKindEnum = enumOf<BatchChangeKind>('BatchChangeKind', 'Kind of change that the change budget counts.', {
  create: 'Creates an account. In all targets together (*): creates a person.',
  enable: 'Enables an account again. In all targets together (*): the person becomes active again.',
  disable: 'Disables an account, now or at an end that comes sooner. In all targets together (*): ends the access of a person.',
  delete: 'Deletes an account.',
  gain: 'Adds a grant.',
  lose: 'Removes a grant; the account stays.',
  update: 'Writes attributes of an account back; only corrections of findings are counted in this way.',
});

export const CaseStatusEnum = enumOf<'open' | 'closed'>('CaseStatus', 'Status of a case.', {
  open: 'Waits for a human decision.',
  closed: 'Answered, or closed because its cause is gone.',
});

export const RequestItemStatusEnum = enumOf<RequestItemStatus>(
  'RequestItemStatus',
  'Status of a requested item.',
  {
    open: 'Waits for approval.',
    approved: 'Granted, between validFrom and validUntil.',
    denied: 'Denied; the field reason has the cause.',
    withdrawn: 'Withdrawn before the decision (withdrawRequest).',
    returned: 'Returned by the person (returnAccess).',
    dropped: 'Removed by its owner (decideRequestedAccess), or after a review that found break-glass access unjustified.',
    ended: 'The grant expired, or the person has left.',
  },
  { dropped: 'REMOVED' },
);

export const NotRequestableReasonEnum = enumOf<'not-for-them' | 'not-active' | 'held' | 'asked-already'>(
  'NotRequestableReason',
  'Reason why a person cannot request a role or entitlement.',
  {
    'not-for-them': 'No rule of the policy offers it to this person.',
    'not-active': 'The lifecycle state of the person is not ACTIVE.',
    held: 'The person has this grant already, without an end.',
    'asked-already': 'An open request for the person contains it.',
  },
  { 'not-for-them': 'NOT_ELIGIBLE', held: 'ALREADY_GRANTED', 'asked-already': 'ALREADY_REQUESTED' },
);

export const DelegatedKindEnum = enumOf<DelegatedKind>('DelegatedKind', 'Kind of work that a delegation covers.', {
  approvals: 'Approvals of requested access.',
  cases: 'Other cases of the delegating person.',
});

export const ApprovalNotificationModeEnum = enumOf<ApprovalNotifications>(
  'ApprovalNotificationMode',
  'Mode of the mails about approvals that wait for a person.',
  {
    each: 'One mail for each approval.',
    digest: 'One mail a day with all waiting approvals; those that are due before the next one are sent at once.',
  },
);

export const RequestedAccessDecisionEnum = enumOf<'keep' | 'drop'>(
  'RequestedAccessDecision',
  'Decision about requested access.',
  { keep: 'The grant stays until it expires.', drop: 'The grant ends now.' },
  { drop: 'REMOVE' },
);

export const SuspensionScopeEnum = enumOf<SuspensionKind>('SuspensionScope', 'Scope of a suspension.', {
  identity: 'All targets of one person.',
  target: 'One target, for everybody.',
  operation: 'One operation.',
});

export const RecordStatusEnum = enumOf<'active' | 'ended'>('RecordStatus', 'Status of a relationship in a source record.', {
  active: 'The relationship continues.',
  ended: 'The relationship has ended, or ends at endedAt.',
});

export const RecordOutcomeEnum = enumOf<TakenRecord['outcome'] | 'invalid' | 'failed'>(
  'RecordOutcome',
  'Outcome of one record.',
  {
    created: 'A new identity was created.',
    updated: 'Recorded for a known identity.',
    unchanged: 'The same version is recorded already, or a newer version has the same content.',
    conflict: 'The same version is recorded already, with other content; nothing was changed. A change needs a new version.',
    stale: 'A newer version is recorded already.',
    ambiguous: 'Stored, but correlation is ambiguous: a case waits for a human decision.',
    refused: 'No person matches, and the source may not create people.',
    held: 'Stored, but not in force: the batch exceeds the change budget, so that a batch change waits for approval (approveBatchChange, discardBatchChange).',
    staged: 'Stored until its import is finished (finishImport).',
    invalid: 'The record does not fit the configured attributes; nothing of it was stored.',
    failed:
      'Tenure could not store this record, and stored nothing of it. Send it again in the same version; other records of the batch need not be sent again. If it fails again, the message has the reference for the log.',
  },
  { held: 'WAITS_FOR_APPROVAL' },
);

export const TerminationOutcomeEnum = enumOf<Termination['outcome']>(
  'TerminationOutcome',
  'Outcome of terminateNow, terminate or withdrawTermination.',
  {
    terminated: 'The person was terminated now.',
    'already-terminated': 'An operator had terminated the person before. Nothing was changed.',
    scheduled: 'The person will be terminated at endsAt, or earlier if a source sets an earlier end.',
    'already-scheduled': 'An operator had set this end before. Nothing was changed.',
    withdrawn: 'The termination was withdrawn.',
    'not-terminated': 'There was no termination to withdraw.',
    'not-found': 'No such person exists.',
    waits: 'Waits for the approval of a second person (caseId): your budget is used up (budget.urgentEnds of the policy). Nothing has changed yet.',
    'is-yourself': 'You cannot terminate yourself. Nothing was changed.',
    'needs-administrator': 'Only an administrator can terminate an administrator. Nothing was changed.',
    'last-administrator': 'The last administrator cannot be terminated. Nothing was changed.',
  },
  { waits: 'WAITS_FOR_APPROVAL' },
);

export const ExtensionOutcomeEnum = enumOf<Extension['outcome']>('ExtensionOutcome', 'Outcome of extendContract.', {
  extended: 'The end of the contract has changed.',
  unchanged: 'The contract had this end already; nothing was changed.',
});

export const ReactivationOutcomeEnum = enumOf<Reactivation['outcome']>('ReactivationOutcome', 'Outcome of reactivate.', {
  reactivated: 'The person counts as active from today.',
  'not-inactive': 'The person was not disabled for inactivity; nothing was changed.',
});

export const InactivityStatusEnum = enumOf<Inactivity['standing']>(
  'InactivityStatus',
  "Status of a person's inactivity.",
  {
    watched: 'Active recently.',
    warned: 'The time of the warning has passed.',
    disabled: 'Disabled for inactivity.',
    removed: 'Deprovisioned for inactivity.',
  },
  { watched: 'ACTIVE' },
);

export const CertificateOutcomeEnum = enumOf<'not-confirmed' | 'protected' | 'not-visible' | 'confirmed' | 'confirmed-again'>(
  'CertificateOutcome',
  'Result of the deprovisioning of an account.',
  {
    'not-confirmed': 'The last observation does not show the desired state, or there is none.',
    protected: 'As NOT_CONFIRMED, and Tenure changes nothing there: the account is protected (protectedAccounts).',
    'not-visible': 'The target accepted the whole desired state and cannot show some of it: see observedAspects.',
    confirmed: 'An observation showed the desired state.',
    'confirmed-again': 'An observation showed the desired state, and a later one did again.',
  },
);

export const LogoutNoticeStatusEnum = enumOf<LogoutNoticeStatus>(
  'LogoutNotificationStatus',
  'Status of the notification of an application of the end of a session.',
  {
    waiting: 'The application is notified next, or again.',
    confirmed: 'The application confirmed that the session there ended, or that it knows of none.',
    'no-channel': 'The application can be notified through a browser only, so that it is not.',
    expired: 'The session there ended by itself before the application was reached.',
    refused: 'The application answered that it did not end the session (retryLogoutNotifications).',
    abandoned: 'The application was not reached for a week (retryLogoutNotifications).',
  },
);

export const AttemptOutcomeEnum = enumOf<'done' | 'failed'>('AttemptOutcome', 'Outcome of an attempt at an operation.', {
  done: 'The target accepted the change.',
  failed: 'The target refused the change, or gave no usable answer.',
});

export const ActorKindEnum = enumOf<'person' | 'service' | 'source' | 'system'>('ActorKind', 'Kind of an actor.', {
  person: 'A person with a session; the id is that of the identity.',
  service: 'A service token, or a command that was run in the installation.',
  source: 'A source or an identity provider; the id is its name.',
  system: 'Tenure itself; the id is the name of the component.',
});
