import type { AdoptionState, FindingKind, QuarantineState, ReadingReason, ReadingVerdict } from '@tenure/domain';
import type { RunTrigger } from '@tenure/store';
import { enumOf } from '../enums.ts';

export const ReconciliationVerdictEnum = enumOf<ReadingVerdict>('ReconciliationVerdict', 'Verdict on what a reconciliation run read.', {
  complete: 'Complete: what it shows is there, what it does not show is not.',
  partial: 'Incomplete: what it shows is there; nothing is concluded from what it does not show.',
  'not-believed': 'Not believed: nothing is concluded from it.',
});

export const ReconciliationReasonEnum = enumOf<ReadingReason>('ReconciliationReason', 'Reason why a reconciliation run is not complete.', {
  error: 'A page was answered with an error, or not at all.',
  redirect: 'A page was answered with a redirect: something else stands at the address.',
  unfinished: 'The run ended before the last page.',
  empty: 'No account, in a target that is known to contain some.',
  shrunken: 'Far fewer accounts than in the last complete run.',
  'repeated-ids': 'An account was listed twice, so others may be left out.',
  'total-missed': 'Another number of accounts than the target announced.',
  'total-changed': 'The announced number changed while pages were counted by position.',
  'hidden-accounts': 'The target does not show all accounts: a referral, a limit, row security.',
  'canary-missing': 'An account that the target shows when it is asked for it alone was not listed.',
  'canary-unanswered': 'The target did not say if an account that was not listed exists.',
  'rows-lost': 'The database was restarted during the run.',
});

export const ReconciliationTriggerEnum = enumOf<RunTrigger>('ReconciliationTrigger', 'Trigger of a reconciliation run.', {
  schedule: 'The schedule of the target.',
  request: 'A request (reconcileTarget).',
  recovery: 'The target works again after it failed.',
});

export const FindingKindEnum = enumOf<FindingKind>('FindingKind', 'Kind of a finding.', {
  'orphan-account': 'Account of nobody whom Tenure knows.',
  'leaver-account': 'Account that a person who left can use, or that should have been deleted.',
  'missing-account': 'Account that should exist and does not.',
  'account-enabled': 'Enabled account that should be disabled.',
  'account-disabled': 'Disabled account that should be enabled.',
  'attribute-drift': 'Mapped attribute with another value.',
  'entitlement-outside-policy': 'Membership in a group of the policy that nothing gives the person.',
  'entitlement-missing': 'Membership that the policy gives and the target does not have.',
  'protected-account': 'Account that the configuration protects: listed, never changed.',
  'duplicate-account': 'Second account of a person, by their mark or a key of theirs.',
  'ownable-account': 'Account of nobody whose keys are those of exactly one person: proposed as theirs.',
  'dormant-account': 'Account that nobody has used for the configured time.',
  'entitlement-unmanaged': 'Membership in a group that the policy does not know.',
  'group-missing': 'Group of the policy that does not exist in the target.',
  'separation-violation': 'SoD rule (name) that a person violates with access found in the target.',
});

export const FindingStatusEnum = enumOf<'open' | 'closed'>('FindingStatus', 'Status of a finding.', {
  open: 'The last run that could show it did.',
  closed: 'A later complete run no longer showed it.',
});

export const QuarantineStateEnum = enumOf<QuarantineState>('QuarantineState', 'State of an account in quarantine.', {
  planned: 'It is to be disabled.',
  quarantined: 'It is disabled, without memberships in groups of the policy, until it is deleted.',
  restoring: 'It is to be restored.',
  deleted: 'It was deleted after its grace.',
  restored: 'It was restored.',
  released: 'It left the quarantine unchanged: it is not nobody’s, is protected, or is gone.',
});

export const AdoptionStatusEnum = enumOf<AdoptionState>('AdoptionStatus', 'Status of a requested adoption.', {
  requested: 'A worker has not looked at the account yet, or the target did not answer.',
  adopted: 'The account is bound to the person.',
  refused: 'Nothing was bound: the account, or the person, is not as the request took them to be.',
});
