import { registerEnumType } from '@nestjs/graphql';
import type {
  Aspect,
  BatchItemResult,
  ChangeKind,
  ConnectionKind,
  ConnectionStep,
  DelegatedKind,
  FallAwayReason,
  HoldKind,
  Inactivity,
  LifecycleState,
  OperationStatus,
  Origin,
  StepResult,
  UserType,
  Verdict,
  WaveChangeKind,
} from '@tenure/domain';
import type { TakenRecord } from '@tenure/engine/intake';
import type { Reactivation, Termination } from '@tenure/engine/leavers';
import type { Extension } from '@tenure/engine/sponsors';
import type { ApprovalNotices, BatchProblem, Import, InboxKind, RequestItemStatus } from '@tenure/store';

/**
 * A GraphQL enumeration of all values of a union, each with its description: `pre-hire` becomes PRE_HIRE.
 * @param names of values that clients know by another name than the one that is stored
 */
function enumOf<T extends string>(
  name: string,
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
  registerEnumType(values, { name, valuesMap: Object.fromEntries(entries.map(([key, value]) => [key, { description: meanings[value] }])) });
  return values;
}

export const LifecycleStateEnum = enumOf<LifecycleState>('LifecycleState', {
  'pre-hire': 'Known, and the start lies ahead.',
  active: 'May log in and holds what policy gives.',
  suspended: 'On leave, or nothing was heard for too long: accounts are disabled, nothing is taken away.',
  leaving: 'The end has come, the grace runs: everything is disabled.',
  left: 'The grace is over.',
  erased: 'Personal data is gone.',
});

export const UserTypeEnum = enumOf<UserType>('UserType', {
  employee: 'On the payroll.',
  contractor: 'Bound by a contract that ends.',
  partner: 'Of another organisation.',
});

export const GrantKindEnum = enumOf<'role' | 'entitlement'>('GrantKind', {
  role: 'A named bundle of entitlements.',
  entitlement: 'One permission in one target.',
});

export const OriginKindEnum = enumOf<Origin['kind']>('OriginKind', {
  rule: 'A rule of the policy.',
  assertion: 'A group that a login source asserts.',
  request: 'An approved request.',
  'break-glass': 'Taken in an emergency, to be accounted for afterwards.',
  exception: 'An exception.',
});

export const AccountStateEnum = enumOf<'enabled' | 'disabled' | 'absent'>('AccountState', {
  enabled: 'There, and usable.',
  disabled: 'There, and not usable.',
  absent: 'Not there.',
});

export const ObservedStateEnum = enumOf<'enabled' | 'disabled' | 'absent' | 'not-visible'>('ObservedState', {
  enabled: 'There, and usable.',
  disabled: 'There, and not usable.',
  absent: 'Not there, in an answer that would have shown it.',
  'not-visible': 'There; the target does not say whether it is usable.',
});

export const AspectEnum = enumOf<Aspect>('ObservationAspect', {
  existence: 'Existence of the account.',
  state: 'Enabled state of the account (SCIM active).',
  attribute: 'One mapped attribute.',
  membership: 'One group or role, as policy writes it.',
});

export const VerdictEnum = enumOf<Verdict>('ObservationVerdict', {
  PRESENT: 'The target shows it as it is desired or, of a membership, that it is there.',
  ABSENT: 'The target could have shown it and did not; of an attribute or a state, it shows another value.',
  NOT_VISIBLE: 'The target cannot show it, or its answer was not believed. It is never taken for absent.',
});

export const OperationStatusEnum = enumOf<OperationStatus>(
  'OperationStatus',
  {
    pending: 'Waits for its turn, or for a target that is down.',
    done: 'Carried out.',
    failed: 'Refused for good: waits for a person (retryOperation, giveUpOperation).',
    superseded: 'A newer decision took its place.',
    'given-up': 'A person decided not to try again.',
  },
  { 'given-up': 'ABANDONED' },
);

export const ChangeKindEnum = enumOf<ChangeKind>('ChangeKind', {
  create: 'Create the account.',
  update: 'Change its attributes.',
  enable: 'Enable it.',
  disable: 'Disable it.',
  addMember: 'Give it an entitlement.',
  removeMember: 'Take an entitlement away.',
  delete: 'Delete it.',
});

export const ConnectionKindEnum = enumOf<ConnectionKind>('ConnectionKind', {
  target: 'A connected system.',
  'identity-provider': 'SAML or OIDC identity provider.',
});

export const ConnectionStatusEnum = enumOf<'works' | 'fails' | 'unknown'>('ConnectionStatus', {
  works: 'The last test found nothing wrong.',
  fails: 'The last test failed at one of its steps.',
  unknown: 'It was never tested: no worker has run with it yet.',
});

export const ConnectionStepEnum = enumOf<ConnectionStep>('ConnectionStepName', {
  reached: 'Its host name is known and something listens there.',
  certificate: "The connection is encrypted and the server's certificate is valid.",
  answers: 'The answer is of the protocol; for identity providers: metadata, discovery document and keys are valid.',
  credentials: "Tenure's credentials are accepted.",
  rights: 'Tenure may read what it needs; for SQL also that it may write.',
});

export const StepResultEnum = enumOf<StepResult['result']>('ConnectionStepResult', {
  ok: 'Tested, and passed.',
  failed: 'Tested, and failed.',
  'not-tested': 'Not tested, because an earlier step failed or because it cannot be: the message says so.',
});

export const CaseKindEnum = enumOf<InboxKind>(
  'CaseKind',
  {
    'request-approval': 'An item of a request waits for the approval of those who are asked (decideRequestItem).',
    'operation-failed': 'A target refused an operation for good.',
    'account-conflict': "A target holds an account of that name which is not known to be this person's.",
    'target-refuses':
      'A target does not work as a whole: it is not reached, its certificate or the credentials of Tenure are refused, or a right is missing. The evidence has reason, since, people and operations.',
    'target-refuses-change':
      'A target refuses a change to every account, because of the target or its settings: a missing group, an unknown attribute, a missing right. The evidence has operation, name, message and the number of accounts.',
    'identity-provider-fails':
      'Nobody can log in with an identity provider: it is unreachable, or its metadata, keys or client are wrong. The evidence has reason and since.',
    'write-without-effect': 'A target accepts a value and stores another one: it is not written again until an operator retries it (retryOperations).',
    'not-visible': 'A target cannot show something that Tenure manages there: it is carried out and never confirmed.',
    'account-moved': 'An account lies outside the place in which the accounts of its target are looked for.',
    'account-not-visible':
      'Accounts of a target may exist where Tenure cannot read: it is unknown whether they do. The evidence has reason, message and the number of accounts.',
    'end-not-confirmed': 'An account should be closed, and reading back has not shown it in time.',
    'ambiguous-record': 'It is not clear whose a record is.',
    'ambiguous-login':
      'A login is bound to a person and may not be theirs: its correlation keys have changed, or the person has rights in Tenure and no administrator has confirmed the login.',
    'policy-evaluation': 'A rule could not be evaluated for somebody.',
    'separation-conflict': 'What a person would get excludes each other, so that some of it is held back.',
    'separation-violation': 'A person holds what a rule of separation of duties excludes, and Tenure does not take it away by itself.',
    'end-before-start': 'A record states an end before the start for a person who has started: the wrong date needs a human decision.',
    'hire-called-off': 'A hire was called off before the start; what had been prepared is taken away.',
    'facts-missing': 'Something has to be known of a person, such as a sponsor or an end, and nobody has said it.',
    transfer: 'Somebody has left: what was theirs is to be taken over.',
    'request-without-approver': 'Nobody can be asked to approve a request; it is denied at its deadline.',
    'contract-ending': 'A contract ends soon: its sponsor may make that later (extendContract). No answer means that the end stands.',
    inactive: 'Somebody was disabled, since nothing was heard of them: their manager may bring them back (reactivate).',
    'sponsor-missing': 'Nobody who is there answers for a person: neither who is named as sponsor nor one of their managers.',
    'break-glass-review': 'Access was taken in an emergency: somebody has to say whether it was justified (reviewBreakGlass).',
    'requested-access-questionable': 'Policy would not let a person ask any more for what was approved: its owner keeps or drops it (judgeRequestedAccess).',
    'change-budget':
      'A batch change waits for approval (releaseWave, discardWave): more would change at once than the change budget allows, or it could not be carried out (problem).',
    'vanished-from-feed': 'A complete import did not name people any more, so that their time ended.',
    'notice-undeliverable': 'Somebody, or a webhook, could not be told; it closes when they can be again.',
    'token-ending': 'The service token of a source expires soon: its owner gives the source another one, or lets it expire (resolveCase).',
    'urgent-ends':
      'A caller requested more immediate terminations than the policy allows (budget.urgentEnds): a second person approves or discards them (approveUrgentEnds, discardUrgentEnds).',
  },
  { 'notice-undeliverable': 'NOTIFICATION_UNDELIVERABLE' },
);

export const BatchChangeStatusEnum = enumOf<Import['standing']>(
  'BatchChangeStatus',
  {
    collecting: 'An import whose batches still come.',
    held: 'Waits for approval; nothing of it is in force.',
    free: 'Approved, or within the budget: the worker carries it out until finishedAt.',
    discarded: 'Closed: an operator has discarded it, or no pending item was left (decisionReason). None of its items will be carried out.',
  },
  { free: 'APPROVED', held: 'WAITS_FOR_APPROVAL' },
);

export const BatchItemResultEnum = enumOf<BatchItemResult>('BatchItemResult', {
  pending: 'Waits for approval, or for the worker once approved.',
  'carried-out': 'In force: decided, with its operations in the targets.',
  'fell-away': 'Newer information made it pointless; reason says which.',
  discarded: 'A person decided against it.',
});

export const FallAwayReasonEnum = enumOf<FallAwayReason>('FallAwayReason', {
  superseded: 'The source sent a newer record, or a newer import has it.',
  'named-again': 'The source names the person, whom an earlier import left out.',
  'in-force': 'The content of the record is recorded already.',
  refused: 'Nobody matches, and the source may not create people.',
  conflict: 'Its version is recorded already, with other content.',
  'no-change': 'Nothing changes for the person any more.',
  'other-policy': 'Another policy version came into force.',
  'handed-on': "Deciding failed; the person's own identity lifecycle goes on trying.",
});

export const BatchProblemEnum = enumOf<BatchProblem>('BatchProblem', {
  'source-removed': 'Its source is not in tenure.yaml.',
  'not-taken': 'Records failed again and again; the log of the workers says why.',
});

export const BatchChangeKindEnum = enumOf<WaveChangeKind>('BatchChangeKind', {
  create: 'An account is made; in all, somebody new is here.',
  enable: 'An account becomes usable again; in all, somebody is back.',
  disable: 'An account is closed, now or at an end that comes sooner; in all, somebody is not here any more.',
  delete: 'An account is deleted.',
  gain: 'An account gets something.',
  lose: 'An account stays and loses something.',
});

export const CaseStatusEnum = enumOf<'open' | 'closed'>('CaseStatus', { open: 'Waits for a person.', closed: 'Answered.' });

export const RequestItemStatusEnum = enumOf<RequestItemStatus>(
  'RequestItemStatus',
  {
    open: 'Waits for an answer.',
    approved: 'Granted, between validFrom and validUntil.',
    denied: 'Not granted; the reason says why.',
    withdrawn: 'Taken back before it was decided.',
    returned: 'Given back.',
    dropped: 'Taken away by its owner after policy would not let it be asked for any more.',
    ended: 'Its time is over, or the person has left.',
  },
  { dropped: 'REMOVED' },
);

export const NotRequestableReasonEnum = enumOf<'not-for-them' | 'not-active' | 'held' | 'asked-already'>(
  'NotRequestableReason',
  {
    'not-for-them': 'No requestable rule of the policy applies to the person.',
    'not-active': 'The identity is not ACTIVE.',
    held: 'The person has this grant already, without an end.',
    'asked-already': 'An open request of the person contains it.',
  },
  { 'not-for-them': 'NOT_ELIGIBLE', held: 'ALREADY_GRANTED', 'asked-already': 'ALREADY_REQUESTED' },
);

export const DelegatedKindEnum = enumOf<DelegatedKind>('DelegatedKind', {
  approvals: 'Questions about access that is asked for.',
  cases: 'Other cases that are theirs to answer.',
});

export const ApprovalNotificationModeEnum = enumOf<ApprovalNotices>('ApprovalNotificationMode', {
  each: 'By a mail for each.',
  digest: 'By one mail a day about all that wait; what is due sooner is told at once.',
});

export const RequestedAccessDecisionEnum = enumOf<'keep' | 'drop'>(
  'RequestedAccessDecision',
  { keep: 'It stays until its time is over.', drop: 'It ends now.' },
  { drop: 'REMOVE' },
);

export const SuspensionScopeEnum = enumOf<HoldKind>('SuspensionScope', {
  identity: 'Nothing is written for a person, in any target.',
  target: 'Nothing is written to a target, for anybody.',
  operation: 'One operation is not done.',
});

export const RecordStatusEnum = enumOf<'active' | 'ended'>('RecordStatus', { active: 'The relationship goes on.', ended: 'It has ended, or will at endedAt.' });

export const RecordOutcomeEnum = enumOf<TakenRecord['outcome'] | 'invalid' | 'failed'>(
  'RecordOutcome',
  {
    created: 'A new identity came of it.',
    updated: 'Recorded for an identity that is known.',
    unchanged: 'This version was recorded before, or a newer version has the same content.',
    conflict: 'This version was recorded before, with other content; nothing was changed. A change needs a new version.',
    stale: 'A newer version is recorded already.',
    ambiguous: 'Kept, but correlation is ambiguous: a case waits for a human decision.',
    refused: 'Nobody matches and the source may not create people.',
    held: 'Kept, and not in force: more would change at once than the change budget allows, so a wave waits for a person (releaseWave, discardWave).',
    staged: 'Kept until its import is finished, and judged with all of it.',
    invalid: 'It does not fit the configured attributes; nothing of it was kept.',
    failed:
      'Tenure could not store this record, and kept nothing of it. Send it again in the same version, others of the batch need not be sent; if it fails again, its message has the reference to the log.',
  },
  { held: 'WAITS_FOR_APPROVAL' },
);

export const TerminationOutcomeEnum = enumOf<Termination['outcome']>(
  'TerminationOutcome',
  {
    terminated: 'Ended at this instant.',
    'already-terminated': 'An operator had ended it before; nothing was changed.',
    scheduled: 'Ends at endsAt, or sooner where a source says so.',
    'already-scheduled': 'An operator had said that end before; nothing was changed.',
    lifted: 'The termination is taken back.',
    'not-terminated': 'There was no termination to take back.',
    'not-found': 'There is no such person.',
    waits: 'Waits for the approval of a second person (caseId): your budget is used up (budget.urgentEnds of the policy). Nothing has changed yet.',
    'is-yourself': 'You cannot terminate yourself. Nothing was changed.',
    'needs-administrator': 'Only an administrator can terminate an administrator. Nothing was changed.',
    'last-administrator': 'The last administrator cannot be terminated. Nothing was changed.',
  },
  { waits: 'WAITS_FOR_APPROVAL' },
);

export const ExtensionOutcomeEnum = enumOf<Extension['outcome']>('ExtensionOutcome', {
  extended: 'The end is another one now.',
  unchanged: 'It was the end already.',
});

export const ReactivationOutcomeEnum = enumOf<Reactivation['outcome']>('ReactivationOutcome', {
  reactivated: 'They count as heard of today.',
  'not-inactive': 'They were not disabled for inactivity; nothing was changed.',
});

export const InactivityStatusEnum = enumOf<Inactivity['standing']>('InactivityStatus', {
  watched: 'Heard of not long ago.',
  warned: 'The warning is over.',
  disabled: 'Disabled for it.',
  removed: 'Removed for it.',
});

export const CertificateOutcomeEnum = enumOf<'not-confirmed' | 'not-visible' | 'confirmed' | 'confirmed-again'>('CertificateOutcome', {
  'not-confirmed': 'Reading back does not show it, yet or any more.',
  'not-visible': 'The target accepted all of it and cannot show some of it: see observations.',
  confirmed: 'Reading back showed it.',
  'confirmed-again': 'Reading back showed it, and again later.',
});

export const AttemptOutcomeEnum = enumOf<'done' | 'failed'>('AttemptOutcome', { done: 'The target did it.', failed: 'It did not.' });

export const ActorKindEnum = enumOf<'person' | 'service' | 'source' | 'system'>('ActorKind', {
  person: "Somebody who was logged in; id is the identity's.",
  service: 'A service token, or a command of the installation.',
  source: 'A source or an identity provider, by name.',
  system: 'Tenure itself.',
});
